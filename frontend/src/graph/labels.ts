/** Edge labels that do not cover each other: each slides along its own way until it has room. */

import type { Point } from "./document";
import type { Route } from "./route";
import { type Box, overlap } from "./size";

/** Labels keep their screen size when one goes away, so they are judged a little wider than at 100 %. */
function boxAt(at: Point, text: string): Box {
  const w = Math.min(220, text.length * 6.4 + 16) * 1.15;
  return { x: at.x - w / 2, y: at.y - 12, w, h: 24 };
}

/** The wanted place first, then the middles of the stretches, then steps along them. */
function places({ label, points }: Route): Point[] {
  const found: Point[] = [label];
  for (const share of [0.5, 0.3, 0.7]) {
    for (const [at, point] of points.entries()) {
      const next = points[at + 1];
      if (!next || Math.abs(next.x - point.x) + Math.abs(next.y - point.y) < 28) continue;
      found.push({ x: point.x + (next.x - point.x) * share, y: point.y + (next.y - point.y) * share });
    }
  }
  return found;
}

/** The routes with their labels moved; the first to come keeps its place. */
export function spreadLabels<T extends { readonly route: Route; readonly label: string }>(
  edges: readonly T[],
  cards: readonly Box[] = [],
): Route[] {
  const taken: Box[] = [];
  return edges.map(({ route, label }) => {
    if (!label) return route;
    const options = places(route);
    const free = (at: Point) => !taken.some((other) => overlap(boxAt(at, label), other));
    const beside = (at: Point) => free(at) && !cards.some((card) => overlap(boxAt(at, label), card));
    const onLine = (at: Point) =>
      free(at) && !cards.some((card) => overlap({ x: at.x - 4, y: at.y - 4, w: 8, h: 8 }, card));
    const at = options.find(beside) ?? options.find(onLine) ?? options.find(free) ?? route.label;
    taken.push(boxAt(at, label));
    return at === route.label ? route : { ...route, label: at };
  });
}
