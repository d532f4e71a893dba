/** What buttons, keys and menus do; each is one step of history. */

import type { CanvasHandle } from "@/canvas/Canvas";
import { reconnect } from "@/graph/alter";
import { copyBranch, entryOf, graftAt, moveBranch } from "@/graph/branches";
import type { NodeType } from "@/graph/catalogue";
import { copyText, duplicate, paste, readPasted } from "@/graph/clipboard";
import type { Graph, GraphNode, Point } from "@/graph/document";
import { spread } from "@/graph/groups";
import { addNode, addNote, type Change, connect, type Place, remove } from "@/graph/operations";
import { openPorts } from "@/graph/reach";
import { boxOf } from "@/graph/room";
import { freePlace, heightOf } from "@/graph/size";
import type { Tools } from "./commands";
import { type Editor, graphOf } from "./store";

export function current(editor: Editor): Graph {
  return graphOf(editor.getState());
}

/** The chosen cards; a chosen group stands for its own. */
export function chosenNodes(editor: Editor): GraphNode[] {
  const graph = current(editor);
  const chosen = spread(graph, editor.getState().selection);
  return graph.nodes.filter((node) => chosen.has(node.id));
}

function chosenNode(editor: Editor): string | null {
  const { selection } = editor.getState();
  const nodes = current(editor).nodes.filter((node) => selection.has(node.id));
  return nodes.length === 1 ? (nodes[0]?.id ?? null) : null;
}

/** Opens the list of steps beside the chosen card, or in the middle of the canvas. */
export function ask(editor: Editor, canvas: CanvasHandle | null, replace?: string): void {
  const place = replace ? null : naturalPlace(editor, canvas);
  const [id] = editor.getState().selection;
  const box = id ? canvas?.screenBox(id) : null;
  const frame = document.querySelector("[data-testid=canvas]")?.getBoundingClientRect();
  const middle = new DOMRect((frame?.left ?? 0) + (frame?.width ?? 0) / 2 - 130, (frame?.top ?? 0) + 120, 0, 0);
  editor.setState({ picker: { place, anchor: box ?? middle, ...(replace ? { replace } : {}) } });
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

function holdsCards(editor: Editor): boolean {
  const graph = current(editor);
  const chosen = spread(graph, editor.getState().selection);
  return [...graph.nodes, ...graph.notes].some(({ id }) => chosen.has(id));
}

export function duplicateChosen(editor: Editor): void {
  const { selection, catalogue } = editor.getState();
  if (holdsCards(editor)) editor.act(duplicate(current(editor), catalogue, selection));
}

export function textOfChosen(editor: Editor): string | null {
  const { selection } = editor.getState();
  return holdsCards(editor) ? copyText(current(editor), selection) : null;
}

/** Pastes a graph document: where one looks, or (`after`) behind the chosen card. Answers why not, or "". */
export function pasteText(editor: Editor, canvas: CanvasHandle | null, text: string, after = false): string {
  const read = readPasted(text);
  if ("problem" in read) return read.problem;
  const { catalogue } = editor.getState();
  const graph = current(editor);
  const behind = after ? chosenNode(editor) : null;
  if (behind) {
    const head = entryOf(read.graph, catalogue);
    const open = openPorts(graph, catalogue, behind)[0];
    const taken = graph.edges.find((edge) => edge.source === behind);
    const place: Place | null = open ? { kind: "port", ...open } : taken ? { kind: "edge", edge: taken.id } : null;
    if (!head) return "What you copied has several beginnings, so that it cannot follow one card. Paste it as it is.";
    const change = place && graftAt(graph, catalogue, read.graph, head, place, "Paste after a card");
    if (!change) return "Nothing can follow this card. Choose one with a way out.";
    editor.act(change);
  } else {
    const middle = canvas?.center() ?? { x: 0, y: 0 };
    const boxes = graph.nodes.map((node) => boxOf(node, catalogue));
    editor.act(paste(graph, read.graph, freePlace({ x: middle.x - 124, y: middle.y - 120 }, 160, boxes)));
  }
  const [first] = editor.getState().selection;
  if (first) requestAnimationFrame(() => requestAnimationFrame(() => canvas?.show(first)));
  return "";
}

/** Copies what is chosen to the system's clipboard, from a menu. */
export function copyChosen({ editor, say }: Tools, cut = false): void {
  const text = textOfChosen(editor);
  if (!text) return;
  const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
  written
    .then(() => cut && removeChosen(editor))
    .catch(() => say("Not copied", `The browser does not let a menu copy here. Press Ctrl ${cut ? "X" : "C"}.`));
}

/** Pastes from the system's clipboard, from a menu. */
export function pasteClipboard({ editor, canvas, say }: Tools, after: boolean): void {
  const read = navigator.clipboard?.readText?.() ?? Promise.reject(new Error("no clipboard"));
  read
    .then((text) => {
      const problem = pasteText(editor, canvas.current, text, after);
      if (problem) say("Nothing was pasted", problem);
    })
    .catch(() => say("Nothing was pasted", "The browser does not let a menu paste here. Press Ctrl V."));
}

/** What is in the hand goes to a place, or to a card. False when it cannot go there. */
export function putDown(editor: Editor, to: Place | string): boolean {
  const { picking, catalogue } = editor.getState();
  if (!picking) return false;
  const graph = current(editor);
  let change: Change | null = null;
  if (picking.kind === "lead") change = leadTo(editor, picking.id, typeof to === "string" ? to : null);
  else {
    const place = typeof to === "string" ? behind(editor, to, picking.id) : to;
    const put = picking.kind === "move" ? moveBranch : copyBranch;
    change = place && put(graph, catalogue, picking.id, place);
  }
  if (!change) return false;
  editor.setState({ picking: null });
  editor.act(change);
  return true;
}

function leadTo(editor: Editor, id: string, target: string | null): Change | null {
  const { catalogue } = editor.getState();
  const graph = current(editor);
  if (!target) return null;
  if (graph.edges.some((edge) => edge.id === id)) return reconnect(graph, catalogue, id, { target });
  const open = openPorts(graph, catalogue, id)[0];
  const port = open?.port ?? graph.edges.find((edge) => edge.source === id)?.source_port;
  return port ? connect(graph, catalogue, id, port, target) : null;
}

/** The place behind a card: its first open way, else into the line that leaves it. */
function behind(editor: Editor, id: string, branch: string): Place | null {
  const graph = current(editor);
  if (id === branch) return null;
  const open = openPorts(graph, editor.getState().catalogue, id)[0];
  const edge = graph.edges.find((each) => each.source === id && each.target !== branch);
  return open ? { kind: "port", ...open } : edge ? { kind: "edge", edge: edge.id } : null;
}

export function note(editor: Editor, canvas: CanvasHandle | null): void {
  const at: Point = canvas?.center() ?? { x: 0, y: 0 };
  const graph = current(editor);
  const taken = [
    ...graph.nodes.map((node) => boxOf(node, editor.getState().catalogue)),
    ...graph.notes.map(({ position, size }) => ({ ...position, ...size })),
  ];
  const change = addNote(graph, freePlace({ x: at.x - 360, y: at.y - 48 }, 96, taken));
  editor.act(change);
  const [id] = change.select ?? [];
  if (id) requestAnimationFrame(() => requestAnimationFrame(() => canvas?.show(id)));
}

export function selectAll(editor: Editor): void {
  const graph = current(editor);
  editor.select([...graph.nodes, ...graph.notes].map(({ id }) => id));
}
