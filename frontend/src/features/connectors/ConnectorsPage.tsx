import { Topbar } from "@/ui/Topbar";

export function ConnectorsPage() {
  return <Topbar title="ConnectorsPage" />;
}
