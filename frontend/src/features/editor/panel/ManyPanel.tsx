/** Several cards are chosen: line them up, copy or delete them together. */

import {
  IconCopy,
  IconLayoutAlignCenter,
  IconLayoutAlignLeft,
  IconLayoutAlignTop,
  IconLayoutDistributeVertical,
  IconTrash,
} from "@tabler/icons-react";
import { type Arrangement, arrange } from "@/graph/arrange";
import type { GraphNode } from "@/graph/document";
import { Panel } from "@/ui/Panel";
import { current, duplicateChosen, removeChosen } from "../actions";
import { useEditor, useEditorStore } from "../store";

const WAYS: readonly (readonly [Arrangement, string, typeof IconCopy])[] = [
  ["left", "Align left", IconLayoutAlignLeft],
  ["center", "Align centres", IconLayoutAlignCenter],
  ["top", "Align top", IconLayoutAlignTop],
  ["rows", "Space evenly, top to bottom", IconLayoutDistributeVertical],
];

export function ManyPanel({ nodes }: { nodes: readonly GraphNode[] }) {
  const editor = useEditorStore();
  const editable = useEditor((state) => state.editable);
  const catalogue = useEditor((state) => state.catalogue);
  return (
    <Panel
      label="Chosen cards"
      title={`${nodes.length} cards`}
      sub="Drag one to move them all"
      onClose={() => editor.select([])}
    >
      {editable ? (
        <>
          <section className="stack">
            <h3 className="h">Line up</h3>
            <div className="row">
              {WAYS.map(([way, name, Icon]) => (
                <button
                  key={way}
                  type="button"
                  className="icon-btn"
                  aria-label={name}
                  title={name}
                  onClick={() =>
                    editor.act(
                      arrange(
                        current(editor),
                        catalogue,
                        nodes.map(({ id }) => id),
                        way,
                      ),
                    )
                  }
                >
                  <Icon className="i" />
                </button>
              ))}
            </div>
          </section>
          <section className="stack">
            <h3 className="h">All of them</h3>
            <div className="row">
              <button type="button" className="btn btn-line" onClick={() => duplicateChosen(editor)}>
                <IconCopy className="i i14" /> Duplicate
              </button>
              <button type="button" className="btn btn-line" onClick={() => removeChosen(editor)}>
                <IconTrash className="i i14" /> Delete
              </button>
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
