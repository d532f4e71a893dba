/** A sticky note in Markdown: typed in place, sized by its corners, in one of five colours. Nothing runs through it. */

import { type NodeProps, NodeResizer } from "@xyflow/react";
import { memo, useEffect, useRef } from "react";
import { NOTE_COLORS } from "@/graph/document";
import { Markdown } from "@/ui/Markdown";
import type { NoteNode } from "./model";
import { useCanvas, useCanvasStore } from "./store";

function Swatches({ id, chosen }: { id: string; chosen: string }) {
  const store = useCanvasStore();
  return (
    <div className="swatches nodrag nopan" role="toolbar" aria-label="Colour of the note">
      {NOTE_COLORS.map((color) => (
        <button
          key={color}
          type="button"
          className={`swatch note-${color}`}
          aria-label={color[0]?.toUpperCase() + color.slice(1)}
          aria-pressed={color === chosen}
          onClick={(event) => {
            event.stopPropagation();
            store.getState().onNoteColor(id, color);
          }}
          data-testid={`note-${color}`}
        />
      ))}
    </div>
  );
}

function NoteCardView({ id, data, selected }: NodeProps<NoteNode>) {
  const store = useCanvasStore();
  const editable = useCanvas((state) => state.editable);
  const editing = useCanvas((state) => state.renaming === id);
  const hit = useCanvas((state) => (state.hit === id ? "hit now" : state.hits.has(id) ? "hit" : ""));
  const field = useRef<HTMLTextAreaElement>(null);
  const { note } = data;
  const color = note.color ?? "yellow";
  // A fresh note is there to be written.
  const fresh = editable && selected && note.text === "";
  useEffect(() => {
    if (fresh) store.setState({ renaming: id });
  }, [fresh, id, store]);
  useEffect(() => {
    if (!editing || !field.current) return;
    field.current.focus();
    field.current.setSelectionRange(field.current.value.length, field.current.value.length);
  }, [editing]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: React Flow wraps it in the focusable node; F2 opens it
    <div
      className={`note note-${color}${selected ? " selected" : ""} ${hit}`}
      data-testid={`note-${id}`}
      onDoubleClick={() => editable && store.setState({ renaming: id })}
    >
      {editable && selected ? (
        <>
          <NodeResizer
            minWidth={120}
            minHeight={48}
            onResizeEnd={(_, { x, y, width, height }) =>
              store.getState().onNoteSize(id, { w: Math.round(width), h: Math.round(height) }, { x, y })
            }
          />
          <Swatches id={id} chosen={color} />
        </>
      ) : null}
      {editing ? (
        <textarea
          ref={field}
          className="nodrag nopan nowheel"
          aria-label="Note"
          defaultValue={note.text}
          placeholder={"A note for the team\n**bold**, - lists, [links](https://…)"}
          onChange={(event) => store.getState().onNoteText(id, event.target.value)}
          onBlur={() => store.getState().renaming === id && store.setState({ renaming: null })}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey)))
              event.currentTarget.blur();
          }}
        />
      ) : note.text ? (
        <Markdown text={note.text} />
      ) : (
        <p className="t3">Double-click to write</p>
      )}
    </div>
  );
}

export const NoteCard = memo(NoteCardView);
