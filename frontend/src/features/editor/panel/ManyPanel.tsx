/** Several cards are chosen: line them up, group them, copy or delete them all. */

import {
  IconCopy,
  IconLayoutAlignBottom,
  IconLayoutAlignCenter,
  IconLayoutAlignLeft,
  IconLayoutAlignMiddle,
  IconLayoutAlignRight,
  IconLayoutAlignTop,
  IconLayoutDistributeHorizontal,
  IconLayoutDistributeVertical,
  IconPower,
  IconStack2,
  IconTrash,
  IconWand,
} from "@tabler/icons-react";
import type { GraphNode } from "@/graph/document";
import { Panel } from "@/ui/Panel";
import { shown } from "../ContextMenu";
import { command, nameOf, type Tools, usable } from "../commands";
import { useEditor, useEditorStore } from "../store";

const WAYS: readonly (readonly [string, typeof IconCopy])[] = [
  ["align-left", IconLayoutAlignLeft],
  ["align-center", IconLayoutAlignCenter],
  ["align-right", IconLayoutAlignRight],
  ["align-top", IconLayoutAlignTop],
  ["align-middle", IconLayoutAlignMiddle],
  ["align-bottom", IconLayoutAlignBottom],
  ["align-columns", IconLayoutDistributeHorizontal],
  ["align-rows", IconLayoutDistributeVertical],
  ["tidy-chosen", IconWand],
];
const ALL: readonly (readonly [string, string, typeof IconCopy])[] = [
  ["group", "Group", IconStack2],
  ["duplicate", "Duplicate", IconCopy],
  ["off", "", IconPower],
  ["delete", "Delete", IconTrash],
];

export function ManyPanel({ nodes, tools }: { nodes: readonly GraphNode[]; tools: Tools }) {
  const editor = useEditorStore();
  const editable = useEditor((state) => state.editable);
  const catalogue = useEditor((state) => state.catalogue);
  return (
    <Panel
      label="Chosen steps"
      title={`${nodes.length} steps`}
      sub="Drag one to move them all"
      onClose={() => editor.select([])}
    >
      {editable ? (
        <>
          <section className="stack">
            <h3 className="h">Line up</h3>
            <div className="row wrap tight">
              {WAYS.map(([id, Icon]) => {
                const each = command(id);
                const name = nameOf(each, tools);
                return (
                  <button
                    key={id}
                    type="button"
                    className="icon-btn"
                    aria-label={name}
                    title={`${name}  ${shown(each.keys?.[0] ?? "")}`}
                    onClick={() => each.run(tools)}
                    data-testid={id}
                  >
                    <Icon className="i" />
                  </button>
                );
              })}
            </div>
          </section>
          <section className="stack">
            <h3 className="h">All of them</h3>
            <div className="row wrap">
              {ALL.map(([id, name, Icon]) => {
                const each = command(id);
                return usable(each, tools) ? (
                  <button
                    key={id}
                    type="button"
                    className="btn btn-line"
                    onClick={() => each.run(tools)}
                    data-testid={`all-${id}`}
                  >
                    <Icon className="i i14" aria-hidden="true" /> {name || nameOf(each, tools)}
                  </button>
                ) : null;
              })}
            </div>
          </section>
        </>
      ) : null}
      <ul className="chosen">
        {nodes.map((node) => (
          <li key={node.id}>
            <button type="button" className="btn btn-quiet btn-sm" onClick={() => editor.select([node.id])}>
              {node.name || catalogue.get(node.type)?.name || node.type}
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
