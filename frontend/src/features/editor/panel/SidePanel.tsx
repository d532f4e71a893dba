/** The panel at the right: the chosen card's form, the chosen many, or the flow itself in words. */

import type { FlowDetail } from "@/api/models";
import { groupNamed, spread } from "@/graph/groups";
import type { Tools } from "../commands";
import { graphOf, useEditor } from "../store";
import { FlowPanel } from "./FlowPanel";
import { GroupPanel } from "./GroupPanel";
import { ManyPanel } from "./ManyPanel";
import { NodePanel } from "./NodePanel";

interface Props {
  flow: FlowDetail;
  narrow: boolean;
  onShow: (id: string) => void;
  tools: Tools;
}

export function SidePanel({ flow, narrow, onShow, tools }: Props) {
  const graph = useEditor(graphOf);
  const selection = useEditor((state) => state.selection);
  const tab = useEditor((state) => state.tab);
  const chosen = graph.groups ? spread(graph, selection) : selection;
  const nodes = graph.nodes.filter((node) => chosen.has(node.id));
  const [only] = selection;
  const group = selection.size === 1 && only ? groupNamed(graph, only) : undefined;
  const [node] = nodes;
  if (group) return <GroupPanel key={group.id} group={group} onShow={onShow} />;
  if (nodes.length === 1 && node)
    return <NodePanel key={node.id} node={node} flow={flow} onShow={onShow} tools={tools} />;
  if (nodes.length > 1) return <ManyPanel nodes={nodes} tools={tools} />;
  // In a narrow window the flow's own panel would only cover the canvas; it comes when it is asked for.
  if (narrow && tab === "words") return null;
  return <FlowPanel flow={flow} narrow={narrow} onShow={onShow} />;
}
