/** The editor's keys. They rest while somebody types, and while a dialog or a menu is open. */

import { type RefObject, useEffect } from "react";
import type { CanvasHandle } from "@/canvas/Canvas";
import { duplicateChosen, naturalPlace, pasteText, removeChosen, selectAll, textOfChosen } from "./actions";
import type { Editor } from "./store";

export interface Keys {
  readonly save: () => void;
  readonly tidy: () => void;
  readonly help: () => void;
}

function typing(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  return Boolean(
    element?.isContentEditable || element?.closest("input, textarea, select, [role=combobox], .cm-editor"),
  );
}

/** Closed lists may stay in the page; only what can be seen counts. */
function busy(): boolean {
  return [...document.querySelectorAll("[role=dialog], [role=menu]")].some(
    (element) => element.getClientRects().length > 0,
  );
}

/** Opens the list of steps beside the chosen card, or in the middle of the canvas. */
export function ask(editor: Editor, canvas: CanvasHandle | null): void {
  const place = naturalPlace(editor, canvas);
  const { selection } = editor.getState();
  const [id] = selection;
  const box = id ? canvas?.screenBox(id) : null;
  const frame = document.querySelector("[data-testid=canvas]")?.getBoundingClientRect();
  const middle = new DOMRect((frame?.left ?? 0) + (frame?.width ?? 0) / 2 - 130, (frame?.top ?? 0) + 120, 0, 0);
  editor.setState({ picker: { place, anchor: box ?? middle } });
}

export function useKeys(editor: Editor, canvas: RefObject<CanvasHandle | null>, keys: Keys): void {
  useEffect(() => {
    const command = (event: KeyboardEvent): (() => void) | null => {
      const key = event.key.toLowerCase();
      if (event.ctrlKey || event.metaKey) {
        if (key === "s") return keys.save;
        if (typing(event.target)) return null;
        if (key === "z") return event.shiftKey ? editor.redo : editor.undo;
        if (key === "y") return editor.redo;
        if (key === "d") return () => duplicateChosen(editor);
        if (key === "a") return () => selectAll(editor);
        if (key === "=" || key === "+") return () => canvas.current?.zoomBy(1.2);
        if (key === "-") return () => canvas.current?.zoomBy(0.8);
        return null;
      }
      if (event.altKey || typing(event.target) || busy()) return null;
      if (key === "delete" || key === "backspace") return () => removeChosen(editor);
      if (key === "escape") return () => editor.select([]);
      if (key === "n") return () => ask(editor, canvas.current);
      if (key === "f") return () => canvas.current?.fit();
      if (key === "t") return keys.tidy;
      if (key === "?") return keys.help;
      return null;
    };
    const press = (event: KeyboardEvent) => {
      const act = command(event);
      if (!act) return;
      event.preventDefault();
      act();
    };
    const copy = (event: ClipboardEvent) => {
      if (typing(event.target) || window.getSelection()?.toString()) return;
      const text = textOfChosen(editor);
      if (!text) return;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      if (event.type === "cut") removeChosen(editor);
    };
    const paste = (event: ClipboardEvent) => {
      if (typing(event.target)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (pasteText(editor, canvas.current, text)) event.preventDefault();
    };
    window.addEventListener("keydown", press);
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("keydown", press);
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, [editor, canvas, keys]);
}
