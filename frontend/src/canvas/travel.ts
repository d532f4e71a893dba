/** How a customer travels an edge, as numbers: where along it, how long it takes. Pure. */

import type { Point } from "@/graph/document";

/** A way as points at equal distances, so that a frame costs two look-ups a dot and no geometry. */
export interface Way {
  readonly points: readonly Point[];
  readonly length: number;
}

const STEP = 5;

export function sampled(length: number, pointAt: (distance: number) => Point): Way {
  const count = Math.max(1, Math.ceil(length / STEP));
  return { length, points: Array.from({ length: count + 1 }, (_, at) => pointAt((length * at) / count)) };
}

/** The point at a distance from the way's start; before the start and after the end it stays there. */
export function pointOn(way: Way, distance: number): Point {
  const last = way.points.length - 1;
  const place = way.length > 0 ? Math.min(1, Math.max(0, distance / way.length)) * last : 0;
  const at = Math.min(last - 1, Math.floor(place));
  const from = way.points[Math.max(0, at)] ?? { x: 0, y: 0 };
  const to = way.points[at + 1] ?? from;
  const t = place - at;
  return { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t };
}

/** 600 to 1400 ms, by length. */
export function travelTime(length: number): number {
  return Math.min(1400, 600 + 2 * length);
}

/** Close to the cubic-bezier(.45, .05, .35, 1) of the tokens: a soft start and a softer end. */
export function easeTravel(t: number): number {
  const x = Math.min(1, Math.max(0, t));
  return x < 0.4 ? 2.2 * x * x : 1 - 0.648 * ((1 - x) / 0.6) ** 2.4;
}
