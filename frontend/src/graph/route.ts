/** The way of an edge: orthogonal, rounded, first bend 28 below the source, and not under a card where it can be helped. */

import type { Point } from "./document";
import type { Box } from "./size";

export const RADIUS = 10;
const BEND = 28;
const CLEAR = 14;
const TIP = 6;

export interface Route {
  readonly d: string;
  /** Where the label pill sits. */
  readonly label: Point;
  /** Where the + sits: the middle of the way. */
  readonly middle: Point;
  readonly points: readonly Point[];
}

function crosses(a: Point, b: Point, box: Box): boolean {
  const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
  const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)];
  return left < box.x + box.w + 4 && right > box.x - 4 && top < box.y + box.h && bottom > box.y;
}

function clean(points: readonly Point[], boxes: readonly Box[]): boolean {
  return points.every((point, at) => {
    const next = points[at + 1];
    return !next || !boxes.some((box) => crosses(point, next, box));
  });
}

function ways(from: Point, to: Point, boxes: readonly Box[]): Point[][] {
  const down = to.y - from.y;
  const first = from.y + Math.min(BEND, Math.max(8, down / 2));
  const last = to.y - Math.min(BEND, Math.max(8, down / 2));
  const via = (x: number): Point[] => [
    from,
    { x: from.x, y: first },
    { x, y: first },
    { x, y: last },
    { x: to.x, y: last },
    to,
  ];
  if (down < 24) {
    const edge = Math.max(from.x, to.x) + 148;
    const edges = [edge, edge + 148, Math.min(from.x, to.x) - 148];
    const up = to.y - 20;
    return edges.map((x) => [
      from,
      { x: from.x, y: from.y + 16 },
      { x, y: from.y + 16 },
      { x, y: up },
      { x: to.x, y: up },
      to,
    ]);
  }
  const early: Point[] = [from, { x: from.x, y: first }, { x: to.x, y: first }, to];
  const late: Point[] = [from, { x: from.x, y: last }, { x: to.x, y: last }, to];
  const between = boxes.filter((box) => box.y < to.y && box.y + box.h > from.y);
  const sides = between.flatMap((box) => [box.x - CLEAR, box.x + box.w + CLEAR]);
  const near = sides.sort(
    (a, b) => Math.abs(a - from.x) + Math.abs(a - to.x) - Math.abs(b - from.x) - Math.abs(b - to.x),
  );
  return [early, late, ...near.slice(0, 8).map(via)];
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

/** The label rides the first horizontal stretch; on a straight edge it sits where the bend would be. */
function labelAt(from: Point, points: readonly Point[]): Point {
  const [, corner, turn] = points;
  if (corner && turn && corner.y === turn.y && Math.abs(corner.x - turn.x) > 40)
    return { x: (corner.x + turn.x) / 2, y: corner.y };
  const to = points.at(-1) ?? from;
  return { x: corner && turn ? corner.x : from.x, y: from.y + Math.min(BEND, Math.max(10, (to.y - from.y) / 2)) };
}

/** Draws from a port to a card's top. `boxes` are the other cards; without them the simplest way is taken. */
export function route(from: Point, to: Point, boxes: readonly Box[] = []): Route {
  const straight = Math.abs(from.x - to.x) < 1 && to.y > from.y;
  const options = straight && clean([from, to], boxes) ? [[from, to]] : ways(from, to, boxes);
  const long = to.y - from.y > 70 || to.y <= from.y;
  const points = (long && boxes.length ? options.find((way) => clean(way, boxes)) : undefined) ??
    (straight ? [from, to] : options[0]) ?? [from, to];
  const end = points.at(-1) ?? to;
  const drawn = [...points.slice(0, -1), { x: end.x, y: end.y - TIP }];
  return { d: rounded(drawn), label: labelAt(from, points), middle: middleOf(points), points };
}
