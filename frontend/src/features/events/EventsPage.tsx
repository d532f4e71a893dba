import { Topbar } from "@/ui/Topbar";

export function EventsPage() {
  return <Topbar title="EventsPage" />;
}
