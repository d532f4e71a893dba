/** A name that is typed where it stands: on a card, on the frame of a group. */

import { useState } from "react";
import { useCanvasStore } from "./store";

interface Props {
  id: string;
  name: string;
  label: string;
}

export function RenameField({ id, name, label }: Props) {
  const store = useCanvasStore();
  const [text, setText] = useState(name);
  const end = (kept: boolean) => {
    if (store.getState().renaming !== id) return;
    store.setState({ renaming: null });
    if (kept && text.trim() !== name) store.getState().onRename(id, text.trim());
    // The card takes the keys back, so that one can go on without the mouse.
    document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus();
  };
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it opens on request, to be typed into
      autoFocus
      className="rename nodrag nopan nowheel"
      aria-label={label}
      data-testid="rename"
      value={text}
      maxLength={120}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => end(true)}
      onDoubleClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") end(true);
        if (event.key === "Escape") end(false);
      }}
    />
  );
}
