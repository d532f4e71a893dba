/** The panel at the right: the chosen card's form, the chosen many, or the flow itself in words. */

import type { FlowDetail } from "@/api/models";
import { graphOf, useEditor } from "../store";
import { FlowPanel } from "./FlowPanel";
import { ManyPanel } from "./ManyPanel";
import { NodePanel } from "./NodePanel";

interface Props {
  flow: FlowDetail;
  narrow: boolean;
  onShow: (id: string) => void;
}

export function SidePanel({ flow, narrow, onShow }: Props) {
  const graph = useEditor(graphOf);
  const selection = useEditor((state) => state.selection);
  const tab = useEditor((state) => state.tab);
  const nodes = graph.nodes.filter((node) => selection.has(node.id));
  const [node] = nodes;
  if (nodes.length === 1 && node) return <NodePanel key={node.id} node={node} flow={flow} onShow={onShow} />;
  if (nodes.length > 1) return <ManyPanel nodes={nodes} />;
  // In a narrow window the flow's own panel would only cover the canvas; it comes when it is asked for.
  if (narrow && tab === "words") return null;
  return <FlowPanel flow={flow} narrow={narrow} onShow={onShow} />;
}
