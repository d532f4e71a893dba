import { Topbar } from "@/ui/Topbar";

export function HomePage() {
  return <Topbar title="HomePage" />;
}
