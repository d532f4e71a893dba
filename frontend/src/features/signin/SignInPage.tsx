import { Topbar } from "@/ui/Topbar";

export function SignInPage() {
  return <Topbar title="SignInPage" />;
}
