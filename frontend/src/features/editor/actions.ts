/** What buttons, keys and menus do; each is one step of history. */

import type { CanvasHandle } from "@/canvas/Canvas";
import type { NodeType } from "@/graph/catalogue";
import { copyText, duplicate, paste, pastedGraph } from "@/graph/clipboard";
import type { Graph, Point } from "@/graph/document";
import { addNode, addNote, type Place, remove } from "@/graph/operations";
import { openPorts } from "@/graph/reach";
import { boxOf } from "@/graph/room";
import { freePlace, heightOf } from "@/graph/size";
import { type Editor, graphOf } from "./store";

export function current(editor: Editor): Graph {
  return graphOf(editor.getState());
}

function chosenNode(editor: Editor): string | null {
  const { selection } = editor.getState();
  const nodes = current(editor).nodes.filter((node) => selection.has(node.id));
  return nodes.length === 1 ? (nodes[0]?.id ?? null) : null;
}

/** Where a new node goes when nobody pointed: behind the chosen card, into the chosen edge, else where one looks. */
export function naturalPlace(editor: Editor, canvas: CanvasHandle | null): Place {
  const { selection, catalogue } = editor.getState();
  const graph = current(editor);
  const edge = graph.edges.find((item) => selection.has(item.id));
  if (edge && selection.size === 1) return { kind: "edge", edge: edge.id };
  const node = chosenNode(editor);
  const port = node ? openPorts(graph, catalogue, node)[0] : undefined;
  if (port) return { kind: "port", ...port };
  const only = graph.nodes.length === 1 ? graph.nodes[0] : undefined;
  const next = only ? openPorts(graph, catalogue, only.id)[0] : undefined;
  if (next) return { kind: "port", ...next };
  const middle = canvas?.center() ?? { x: 124, y: 0 };
  return { kind: "point", at: { x: middle.x - 124, y: middle.y - 38 } };
}

/** Adds a node and brings it into view. A free place never covers a card. */
export function add(editor: Editor, canvas: CanvasHandle | null, type: NodeType, place: Place): void {
  const { catalogue } = editor.getState();
  const graph = current(editor);
  const boxes = graph.nodes.map((node) => boxOf(node, catalogue));
  const at =
    place.kind === "point"
      ? { kind: "point" as const, at: freePlace(place.at, heightOf(type.type, type), boxes) }
      : place;
  const change = addNode(graph, catalogue, type, at);
  editor.act(change);
  const [id] = change.select ?? [];
  if (id) requestAnimationFrame(() => requestAnimationFrame(() => canvas?.show(id)));
}

export function removeChosen(editor: Editor): void {
  const { selection, catalogue } = editor.getState();
  if (selection.size) editor.act(remove(current(editor), catalogue, selection));
}

export function duplicateChosen(editor: Editor): void {
  const { selection, catalogue } = editor.getState();
  const graph = current(editor);
  if ([...graph.nodes, ...graph.notes].some(({ id }) => selection.has(id)))
    editor.act(duplicate(graph, catalogue, selection));
}

export function textOfChosen(editor: Editor): string | null {
  const { selection } = editor.getState();
  const graph = current(editor);
  return [...graph.nodes, ...graph.notes].some(({ id }) => selection.has(id)) ? copyText(graph, selection) : null;
}

/** Pastes a graph document; false when the text is none. */
export function pasteText(editor: Editor, canvas: CanvasHandle | null, text: string): boolean {
  const source = pastedGraph(text);
  if (!source) return false;
  const middle = canvas?.center() ?? { x: 0, y: 0 };
  const { catalogue } = editor.getState();
  const graph = current(editor);
  const boxes = graph.nodes.map((node) => boxOf(node, catalogue));
  const at = freePlace({ x: middle.x - 124, y: middle.y - 120 }, 160, boxes);
  editor.act(paste(graph, source, at));
  return true;
}

export function note(editor: Editor, canvas: CanvasHandle | null): void {
  const at: Point = canvas?.center() ?? { x: 0, y: 0 };
  editor.act(addNote(current(editor), { x: at.x - 360, y: at.y - 48 }));
}

export function selectAll(editor: Editor): void {
  const graph = current(editor);
  editor.select([...graph.nodes, ...graph.notes].map(({ id }) => id));
}
