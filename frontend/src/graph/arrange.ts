/** Lining up several cards. */

import type { Catalogue } from "./catalogue";
import type { Graph, Point } from "./document";
import { type Change, move } from "./operations";
import { boxOf } from "./room";

export type Arrangement = "left" | "center" | "top" | "rows";

const NAMES: Readonly<Record<Arrangement, string>> = {
  left: "Align left",
  center: "Align centres",
  top: "Align top",
  rows: "Space evenly",
};

/** Aligns or distributes cards; the first in reading order keeps its place. */
export function arrange(graph: Graph, catalogue: Catalogue, ids: readonly string[], way: Arrangement): Change {
  const chosen = new Set(ids);
  const boxes = graph.nodes
    .filter((node) => chosen.has(node.id))
    .map((node) => ({ id: node.id, ...boxOf(node, catalogue) }));
  boxes.sort((a, b) => a.y - b.y || a.x - b.x);
  const [first] = boxes;
  const last = boxes.at(-1);
  const places: Record<string, Point> = {};
  if (!first || !last) return { label: NAMES[way], graph };
  const inner = boxes.reduce((sum, box) => sum + box.h, 0);
  const gap = boxes.length > 1 ? Math.max(40, (last.y + last.h - first.y - inner) / (boxes.length - 1)) : 0;
  let y = first.y;
  for (const box of boxes) {
    if (way === "left" || way === "center") places[box.id] = { x: first.x, y: box.y };
    if (way === "top") places[box.id] = { x: box.x, y: first.y };
    if (way === "rows") places[box.id] = { x: box.x, y: Math.round(y) };
    y += box.h + gap;
  }
  return move(graph, places, NAMES[way]);
}
