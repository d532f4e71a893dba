/** The editor's keys. They rest while somebody types, and while a dialog or a menu is open. */

import { useEffect } from "react";
import { nudge } from "@/graph/arrange";
import { current, pasteText, removeChosen, textOfChosen } from "./actions";
import { pressed, type Tools, usable } from "./commands";

/** What the system's clipboard does by itself, with events of its own. */
const OWN_EVENTS = new Set(["copy", "cut", "paste", "paste-after"]);
/** Keys that also work while somebody types. */
const ALWAYS = new Set(["save", "search"]);
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -8],
  ArrowDown: [0, 8],
  ArrowLeft: [-8, 0],
  ArrowRight: [8, 0],
};

export function typing(target: EventTarget | null): boolean {
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

function onCanvas(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.closest(".canvas") !== null);
}

export function useKeys(tools: Tools): void {
  useEffect(() => {
    const { editor, canvas, say } = tools;
    let shifted = false;
    let taken = false;
    // What is open when a key goes down gets it, also where it closes by that.
    const notice = (event: KeyboardEvent) => {
      shifted = event.shiftKey;
      taken = typing(event.target) || busy();
    };
    const press = (event: KeyboardEvent) => {
      const found = pressed(event);
      if (!found || OWN_EVENTS.has(found.id)) return;
      if (taken && !ALWAYS.has(found.id)) return;
      const held = event.ctrlKey || event.metaKey;
      if (!usable(found, tools)) {
        // The browser's own meaning of these would surprise: a bookmark, a search engine.
        if (held && found.id !== "all") event.preventDefault();
        return;
      }
      event.preventDefault();
      found.run(tools);
    };
    // Before React Flow's own: its moves would be a step of history each.
    const arrow = (event: KeyboardEvent) => {
      const step = ARROWS[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      if (typing(event.target) || busy() || !onCanvas(event.target) || !editor.getState().editable) return;
      const by = event.shiftKey ? 4 : 1;
      const change = nudge(current(editor), editor.getState().selection, step[0] * by, step[1] * by);
      if (!change) return;
      event.preventDefault();
      event.stopPropagation();
      editor.act(change);
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
      if (typing(event.target) || busy() || !editor.getState().editable) return;
      event.preventDefault();
      const problem = pasteText(editor, canvas.current, event.clipboardData?.getData("text/plain") ?? "", shifted);
      if (problem) say("Nothing was pasted", problem);
    };
    window.addEventListener("keydown", notice, true);
    window.addEventListener("keydown", press);
    window.addEventListener("keydown", arrow, true);
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("keydown", notice, true);
      window.removeEventListener("keydown", press);
      window.removeEventListener("keydown", arrow, true);
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, [tools]);
}
