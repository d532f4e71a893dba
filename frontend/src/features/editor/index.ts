export { NotFound as EditorPage } from "@/ui/NotFound";
