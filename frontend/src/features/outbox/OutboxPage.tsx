import { Topbar } from "@/ui/Topbar";

export function OutboxPage() {
  return <Topbar title="OutboxPage" />;
}
