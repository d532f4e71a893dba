import { Topbar } from "@/ui/Topbar";

export function CustomerPage() {
  return <Topbar title="CustomerPage" />;
}
