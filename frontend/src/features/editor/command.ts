/** What a command is, and what commands ask about the editor before they can be used. */

import type { RefObject } from "react";
import type { CanvasHandle } from "@/canvas/Canvas";
import type { GraphNode } from "@/graph/document";
import { groupNamed, groupsOf, owners } from "@/graph/groups";
import { isTrigger } from "@/graph/reach";
import { chosenNodes, current } from "./actions";
import type { Editor } from "./store";

export interface Tools {
  readonly editor: Editor;
  readonly canvas: RefObject<CanvasHandle | null>;
  readonly save: () => void;
  /** The whole flow, or only these cards. */
  readonly tidy: (only?: ReadonlySet<string>) => void;
  readonly help: () => void;
  readonly say: (title: string, message?: string) => void;
}

export type Section = "Add and change" | "Branches and groups" | "Line up" | "Undo" | "Look";

export interface Command {
  readonly id: string;
  readonly section: Section;
  readonly name: string | ((tools: Tools) => string);
  /** Keys as they are shown, and pressed: "Ctrl+Shift+G". The first is the one that is told. */
  readonly keys?: readonly string[];
  /** Works also while the flow may only be looked at. */
  readonly look?: true;
  readonly may?: (tools: Tools) => boolean;
  readonly run: (tools: Tools) => void;
}

export const chosen = ({ editor }: Tools) => editor.getState().selection;
export const nodes = ({ editor }: Tools): GraphNode[] => chosenNodes(editor);
export const graph = ({ editor }: Tools) => current(editor);
export const catalogue = ({ editor }: Tools) => editor.getState().catalogue;
export const some = (tools: Tools) => nodes(tools).length > 0;
/** Several things to line up: a group is one. */
export const several = (tools: Tools) =>
  [...graph(tools).nodes, ...graph(tools).notes, ...groupsOf(graph(tools))].filter(({ id }) => chosen(tools).has(id))
    .length > 1;
export const anything = (tools: Tools) => chosen(tools).size > 0;
export const groups = (tools: Tools) => groupsOf(graph(tools)).filter(({ id }) => chosen(tools).has(id));

export function head(tools: Tools): GraphNode | undefined {
  const all = nodes(tools);
  const [only] = all;
  return all.length === 1 && only && !isTrigger(only, catalogue(tools).get(only.type)) ? only : undefined;
}

/** The group that is meant: the chosen one, or the one that the chosen card is in. */
export function meant(tools: Tools) {
  const [first] = groups(tools);
  const owner = owners(groupsOf(graph(tools)));
  return first ?? nodes(tools).flatMap(({ id }) => owner.get(id) ?? [])[0];
}

export function nameable(tools: Tools): string | null {
  const { selection } = tools.editor.getState();
  const [id] = selection;
  if (selection.size !== 1 || !id) return null;
  const g = graph(tools);
  return g.nodes.some((n) => n.id === id) || g.notes.some((n) => n.id === id) || groupNamed(g, id) ? id : null;
}

/** Whether a command can be used now. */
export function usable({ may, look }: Command, tools: Tools): boolean {
  return (look || tools.editor.getState().editable) && (may?.(tools) ?? true);
}

export interface Pressed {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Whether keys as they are written are those that were pressed. A letter is asked by its place while Alt changes it. */
export function matches(keys: string, event: Pressed): boolean {
  const parts = keys.endsWith("++") ? [...keys.slice(0, -2).split("+"), "+"] : keys.split("+");
  const key = parts.at(-1)?.toLowerCase() ?? "";
  const has = (name: string) => parts.slice(0, -1).includes(name);
  if (has("Ctrl") !== (event.ctrlKey || event.metaKey) || has("Alt") !== event.altKey) return false;
  // A sign that needs Shift on some keyboards is the sign, however it was reached.
  const letter = /^[a-z0-9]$/.test(key) || key.length > 1;
  if (letter && has("Shift") !== event.shiftKey) return false;
  if (event.altKey && /^[a-z]$/.test(key)) return event.code === `Key${key.toUpperCase()}`;
  return event.key.toLowerCase() === key;
}
