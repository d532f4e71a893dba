/** Measures of a card, given to the canvas up front so that nothing has to be measured (DESIGN, looks). */

import type { NodeType } from "./catalogue";
import type { Point } from "./document";

export const CARD_W = 248;
export const CARD_H = 76;
export const SLIM_H = 40;
export const GAP_X = 32;
export const GAP_Y = 40;
export const GAP_BRANCH = 56;
export const GRID = 8;

const SLIM_TYPES = new Set(["wait.delay", "wait.until", "wait.event", "parallel", "join", "goal", "exit"]);

export function isSlim(typeName: string, type: NodeType | undefined): boolean {
  return type?.slim ?? SLIM_TYPES.has(typeName);
}

export function heightOf(typeName: string, type: NodeType | undefined): number {
  return isSlim(typeName, type) ? SLIM_H : CARD_H;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export function overlap(a: Box, b: Box, margin = 0): boolean {
  return a.x < b.x + b.w + margin && b.x < a.x + a.w + margin && a.y < b.y + b.h + margin && b.y < a.y + a.h + margin;
}

/** The nearest place to `wanted` where a new card covers nothing; it looks to the right, then below. */
export function freePlace(wanted: Point, height: number, boxes: readonly Box[]): Point {
  for (let row = 0; row < 60; row++) {
    for (const column of [0, 1, -1, 2, -2, 3]) {
      const place = { x: wanted.x + column * (CARD_W + GAP_X), y: wanted.y + row * GAP_Y };
      const box = { ...place, w: CARD_W, h: height };
      if (!boxes.some((other) => overlap(box, other, 8))) return place;
    }
  }
  return wanted;
}

export function snap(point: Point, grid = GRID): Point {
  return { x: Math.round(point.x / grid) * grid, y: Math.round(point.y / grid) * grid };
}
