import { Topbar } from "@/ui/Topbar";

export function SettingsPage() {
  return <Topbar title="SettingsPage" />;
}
