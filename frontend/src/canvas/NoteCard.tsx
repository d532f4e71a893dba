/** A sticky note: text typed in place, sized by its corner. Nothing runs through it. */

import { type NodeProps, NodeResizer } from "@xyflow/react";
import { memo, useEffect, useRef, useState } from "react";
import type { NoteNode } from "./model";
import { useCanvas, useCanvasStore } from "./store";

function NoteCardView({ id, data, selected }: NodeProps<NoteNode>) {
  const store = useCanvasStore();
  const editable = useCanvas((state) => state.editable);
  const [editing, setEditing] = useState(data.note.text === "" && editable);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (editing) field.current?.focus();
  }, [editing]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: React Flow wraps it in the focusable node; Enter is handled there
    <div
      className={`note${selected ? " selected" : ""}`}
      data-testid={`note-${id}`}
      onDoubleClick={() => editable && setEditing(true)}
    >
      {editable && selected ? (
        <NodeResizer
          minWidth={120}
          minHeight={48}
          onResizeEnd={(_, { width, height }) => store.getState().onNoteSize(id, { w: width, h: height })}
        />
      ) : null}
      {editing ? (
        <textarea
          ref={field}
          className="nodrag nopan nowheel"
          aria-label="Note"
          defaultValue={data.note.text}
          placeholder="A note for the team"
          onChange={(event) => store.getState().onNoteText(id, event.target.value)}
          onBlur={() => setEditing(false)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
      ) : (
        <p>{data.note.text || "Double-click to write"}</p>
      )}
    </div>
  );
}

export const NoteCard = memo(NoteCardView);
