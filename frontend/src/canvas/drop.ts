/** Where a dragged new node would land: into an edge, behind an open port, or where it is let go. */

import type { Point } from "@/graph/document";
import type { Place } from "@/graph/operations";
import { CARD_H, CARD_W } from "@/graph/size";
import type { Model } from "./model";
import type { Drop } from "./store";

const EDGE_REACH = 22;
const PORT_REACH = 44;

function toSegment(at: Point, a: Point, b: Point): number {
  const x = Math.max(Math.min(a.x, b.x), Math.min(at.x, Math.max(a.x, b.x)));
  const y = Math.max(Math.min(a.y, b.y), Math.min(at.y, Math.max(a.y, b.y)));
  return Math.hypot(at.x - x, at.y - y);
}

/** The nearest open port or edge within reach of a point on the canvas; ports come first. */
export function dropAt(model: Model, at: Point): Drop | null {
  let best: { drop: Drop; distance: number } | null = null;
  const offer = (drop: Drop, distance: number, reach: number) => {
    if (distance <= reach && (!best || distance < best.distance)) best = { drop, distance };
  };
  for (const card of model.cards.values()) {
    for (const port of card.data.ports) {
      if (!port.open || !port.wanted) continue;
      const x = card.position.x + CARD_W * port.share;
      const y = card.position.y + (card.height ?? 0) + 30;
      offer({ kind: "port", node: card.id, port: port.id }, Math.hypot(at.x - x, at.y - y), PORT_REACH);
    }
  }
  if (best) return (best as { drop: Drop }).drop;
  for (const edge of model.edges) {
    const points = edge.data?.route.points ?? [];
    for (const [index, point] of points.entries()) {
      const next = points[index + 1];
      if (next) offer({ kind: "edge", id: edge.id }, toSegment(at, point, next), EDGE_REACH);
    }
  }
  return best ? (best as { drop: Drop }).drop : null;
}

/** The place that a drop means; a free drop puts the card's middle under the pointer. */
export function placeOf(drop: Drop | null, at: Point): Place {
  if (drop?.kind === "edge") return { kind: "edge", edge: drop.id };
  if (drop?.kind === "port") return { kind: "port", node: drop.node, port: drop.port };
  return { kind: "point", at: { x: at.x - CARD_W / 2, y: at.y - CARD_H / 2 } };
}
