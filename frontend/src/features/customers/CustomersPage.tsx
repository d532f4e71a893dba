import { Topbar } from "@/ui/Topbar";

export function CustomersPage() {
  return <Topbar title="CustomersPage" />;
}
