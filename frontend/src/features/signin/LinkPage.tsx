import { Topbar } from "@/ui/Topbar";

export function LinkPage() {
  return <Topbar title="LinkPage" />;
}
