import { Topbar } from "@/ui/Topbar";

export function RunsPage() {
  return <Topbar title="RunsPage" />;
}
