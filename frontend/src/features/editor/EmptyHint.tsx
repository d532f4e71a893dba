/** An empty canvas teaches its first step. */

import { IconBolt, IconWebhook } from "@tabler/icons-react";
import { addNode } from "@/graph/operations";
import { EmptyState } from "@/ui/EmptyState";
import { current } from "./actions";
import { graphOf, useEditor, useEditorStore } from "./store";

export function EmptyHint() {
  const editor = useEditorStore();
  const empty = useEditor((state) => graphOf(state).nodes.length === 0);
  const catalogue = useEditor((state) => state.catalogue);
  const editable = useEditor((state) => state.editable);
  if (!empty) return null;
  const start = (name: string) => {
    const type = catalogue.get(name);
    if (type) editor.act(addNode(current(editor), catalogue, type, { kind: "point", at: { x: 0, y: 0 } }));
  };
  return (
    <div className="empty-hint">
      <EmptyState
        kind="trigger"
        icon={<IconBolt className="i" />}
        title="What starts this flow?"
        actions={
          editable ? (
            <>
              <button type="button" className="btn btn-ink" onClick={() => start("trigger.event")}>
                <IconBolt className="i i14" /> An event, such as a sign-up
              </button>
              <button type="button" className="btn btn-line" onClick={() => start("trigger.webhook")}>
                <IconWebhook className="i i14" /> A webhook
              </button>
            </>
          ) : null
        }
      >
        Drag a trigger here from the left, or begin with one of these. Then add what happens next with the + under it.
      </EmptyState>
    </div>
  );
}
