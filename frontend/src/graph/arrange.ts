/** Lining up and spacing several cards and notes. */

import type { Catalogue } from "./catalogue";
import type { Graph, Point } from "./document";
import { spread } from "./groups";
import { type Change, move } from "./operations";
import { boxOf } from "./room";
import { type Box, overlap, snap } from "./size";

export type Arrangement = "left" | "center" | "right" | "top" | "middle" | "bottom" | "columns" | "rows";

export const ARRANGEMENTS: Readonly<Record<Arrangement, string>> = {
  left: "Align left",
  center: "Align centres",
  right: "Align right",
  top: "Align top",
  middle: "Align middles",
  bottom: "Align bottom",
  columns: "Space evenly across",
  rows: "Space evenly down",
};

interface Named extends Box {
  readonly id: string;
}

function boxesOf(graph: Graph, catalogue: Catalogue, ids: Iterable<string>): Named[] {
  const chosen = spread(graph, ids);
  const cards = graph.nodes
    .filter(({ id }) => chosen.has(id))
    .map((node) => ({ id: node.id, ...boxOf(node, catalogue) }));
  const notes = graph.notes
    .filter(({ id }) => chosen.has(id))
    .map(({ id, position, size }) => ({ id, x: position.x, y: position.y, ...size }));
  return [...cards, ...notes];
}

/** Evenly: the same room between all of them, the outer two stay unless that would leave too little. */
function spaced(boxes: readonly Named[], at: "x" | "y", size: "w" | "h", least: number): Record<string, Point> {
  const sorted = [...boxes].sort((a, b) => a[at] - b[at]);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last) return {};
  const inner = sorted.reduce((sum, box) => sum + box[size], 0);
  const gap = Math.max(least, (last[at] + last[size] - first[at] - inner) / Math.max(1, sorted.length - 1));
  let next = first[at];
  return Object.fromEntries(
    sorted.map((box) => {
      const place = { x: box.x, y: box.y, [at]: Math.round(next) };
      next += box[size] + gap;
      return [box.id, place];
    }),
  );
}

/** Aligns cards on the outermost of them, or spaces them evenly. Null where fewer than two are chosen. */
export function arrange(graph: Graph, catalogue: Catalogue, ids: Iterable<string>, way: Arrangement): Change | null {
  const boxes = boxesOf(graph, catalogue, ids);
  if (boxes.length < 2) return null;
  const left = Math.min(...boxes.map((box) => box.x));
  const right = Math.max(...boxes.map((box) => box.x + box.w));
  const top = Math.min(...boxes.map((box) => box.y));
  const bottom = Math.max(...boxes.map((box) => box.y + box.h));
  // The first in reading order keeps its middle: a column hangs from its head.
  const head = [...boxes].sort((a, b) => a.y - b.y || a.x - b.x)[0] ?? { x: 0, y: 0, w: 0, h: 0 };
  const first = [...boxes].sort((a, b) => a.x - b.x || a.y - b.y)[0] ?? head;
  const place = (box: Named): Point => {
    if (way === "left") return { x: left, y: box.y };
    if (way === "right") return { x: right - box.w, y: box.y };
    if (way === "center") return { x: head.x + (head.w - box.w) / 2, y: box.y };
    if (way === "top") return { x: box.x, y: top };
    if (way === "bottom") return { x: box.x, y: bottom - box.h };
    return { x: box.x, y: first.y + (first.h - box.h) / 2 };
  };
  const places =
    way === "rows"
      ? spaced(boxes, "y", "h", 40)
      : way === "columns"
        ? spaced(boxes, "x", "w", 32)
        : Object.fromEntries(boxes.map((box) => [box.id, place(box)]));
  const change = move(graph, places, ARRANGEMENTS[way]);
  return change.graph === graph ? null : change;
}

/** Moves cards by a step; what the arrow keys do. */
export function nudge(graph: Graph, ids: Iterable<string>, dx: number, dy: number): Change | null {
  const chosen = spread(graph, ids);
  const places = Object.fromEntries(
    [...graph.nodes, ...graph.notes]
      .filter(({ id }) => chosen.has(id))
      .map(({ id, position }) => [id, { x: (position?.x ?? 0) + dx, y: (position?.y ?? 0) + dy }]),
  );
  if (!Object.keys(places).length) return null;
  return { ...move(graph, places), key: `nudge:${[...chosen].sort().join()}` };
}

/**
 * New places for the chosen cards only, as a layout of their own gave them. The first of them stays where it is; where
 * the rest would cover a card that is not chosen, all of them move on together.
 */
export function tidied(
  graph: Graph,
  catalogue: Catalogue,
  ids: ReadonlySet<string>,
  laidOut: ReadonlyMap<string, Point>,
): Change | null {
  const mine = graph.nodes.filter(({ id }) => ids.has(id) && laidOut.has(id));
  const anchor = [...mine].sort(
    (a, b) => (a.position?.y ?? 0) - (b.position?.y ?? 0) || (a.position?.x ?? 0) - (b.position?.x ?? 0),
  )[0];
  const start = anchor && laidOut.get(anchor.id);
  if (!anchor || !start) return null;
  const by = { x: (anchor.position?.x ?? 0) - start.x, y: (anchor.position?.y ?? 0) - start.y };
  const boxes = mine.map((node) => {
    const at = laidOut.get(node.id) ?? { x: 0, y: 0 };
    return { ...boxOf(node, catalogue), id: node.id, x: at.x + by.x, y: at.y + by.y };
  });
  const others = graph.nodes.filter(({ id }) => !ids.has(id)).map((node) => boxOf(node, catalogue));
  let step = { x: 0, y: 0 };
  search: for (let row = 0; row < 40; row++) {
    for (const column of [0, 1, -1, 2, -2]) {
      const next = snap({ x: column * 280, y: row * 40 });
      const free = !boxes.some((box) =>
        others.some((other) => overlap({ ...box, x: box.x + next.x, y: box.y + next.y }, other, 8)),
      );
      if (!free) continue;
      step = next;
      break search;
    }
  }
  const places = Object.fromEntries(boxes.map((box) => [box.id, { x: box.x + step.x, y: box.y + step.y }]));
  const change = move(graph, places, `Tidy up ${mine.length} steps`);
  return change.graph === graph ? null : change;
}

/** After a new layout each note stands as it stood to the card that it was nearest to. */
export function withNotes(before: Graph, after: Graph, catalogue: Catalogue): Graph {
  const places = new Map(after.nodes.map((node) => [node.id, node.position ?? { x: 0, y: 0 }]));
  const cards = before.nodes.map((node) => ({ id: node.id, ...boxOf(node, catalogue) }));
  const gap = (from: number, size: number, to: number, other: number) =>
    Math.max(0, to - from - size, from - to - other);
  const notes = after.notes.map((note) => {
    const { position: at, size } = note;
    let near: (typeof cards)[number] | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const card of cards) {
      const far = gap(at.x, size.w, card.x, card.w) + gap(at.y, size.h, card.y, card.h);
      if (far < least) [near, least] = [card, far];
    }
    const place = near && places.get(near.id);
    if (!near || !place || (place.x === near.x && place.y === near.y)) return note;
    return { ...note, position: snap({ x: at.x + place.x - near.x, y: at.y + place.y - near.y }) };
  });
  return { ...after, notes };
}
