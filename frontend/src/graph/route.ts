/** The way of an edge as it is drawn: orthogonal with rounded corners, its label's place, the middle of the way. */

import type { Point } from "./document";
import type { Place } from "./labels";
import { BEND } from "./wires";

export const RADIUS = 10;
const TIP = 6;

export interface Route {
  readonly d: string;
  /** Where the label stands; null where there is none, or no room for one. */
  readonly label: Place | null;
  /** Where the + sits: the middle of the way. */
  readonly middle: Point;
  readonly points: readonly Point[];
}

function rounded(points: readonly Point[]): string {
  const corners = points.filter((point, at) => {
    const [before, after] = [points[at - 1], points[at + 1]];
    return (
      !before ||
      !after ||
      !((before.x === point.x && after.x === point.x) || (before.y === point.y && after.y === point.y))
    );
  });
  return corners
    .map((point, at) => {
      const [before, after] = [corners[at - 1], corners[at + 1]];
      if (!before) return `M${point.x} ${point.y}`;
      if (!after) return `L${point.x} ${point.y}`;
      const far = (other: Point) => Math.abs(other.x - point.x) + Math.abs(other.y - point.y);
      const radius = Math.min(RADIUS, far(before) / 2, far(after) / 2);
      const toward = (other: Point) => {
        const length = far(other) || 1;
        return `${point.x + ((other.x - point.x) / length) * radius} ${point.y + ((other.y - point.y) / length) * radius}`;
      };
      return `L${toward(before)}Q${point.x} ${point.y} ${toward(after)}`;
    })
    .join("");
}

function middleOf(points: readonly Point[]): Point {
  const lengths = points
    .slice(1)
    .map((point, at) => Math.abs(point.x - (points[at]?.x ?? 0)) + Math.abs(point.y - (points[at]?.y ?? 0)));
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [at, length] of lengths.entries()) {
    const [a, b] = [points[at], points[at + 1]];
    if (a && b && left <= length)
      return { x: a.x + ((b.x - a.x) * left) / (length || 1), y: a.y + ((b.y - a.y) * left) / (length || 1) };
    left -= length;
  }
  return points[0] ?? { x: 0, y: 0 };
}

/** What is drawn along these corners. */
export function routeAlong(points: readonly Point[], label: Place | null): Route {
  const end = points.at(-1) ?? { x: 0, y: 0 };
  const drawn = [...points.slice(0, -1), { x: end.x, y: end.y - TIP }];
  return { d: rounded(drawn), label, middle: middleOf(points), points };
}

/** The simplest way from a port to a card's top, for an edge on the move: whatever lies between, it goes straight on. */
export function route(from: Point, to: Point): Route {
  const down = to.y - from.y;
  const straight = Math.abs(from.x - to.x) < 1 && down > 0;
  const bend = from.y + Math.min(BEND, Math.max(8, down / 2));
  const side = Math.max(from.x, to.x) + 148;
  const points: Point[] = straight
    ? [from, to]
    : down >= 24
      ? [from, { x: from.x, y: bend }, { x: to.x, y: bend }, to]
      : [
          from,
          { x: from.x, y: from.y + 16 },
          { x: side, y: from.y + 16 },
          { x: side, y: to.y - 20 },
          { x: to.x, y: to.y - 20 },
          to,
        ];
  const at = straight || down < 24 ? from.x : (from.x + to.x) / 2;
  return routeAlong(points, { x: at, y: straight ? from.y + down / 2 : bend, width: 120, grow: 1, side: 0 });
}
