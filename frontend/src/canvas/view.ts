/** The first look at a flow: where it was left, else whole if it can be read so, else at its trigger. */

import type { Viewport } from "@xyflow/react";
import type { Model } from "./model";

const READABLE = 0.5;
const PAD = 28;

function key(id: string): string {
  return `flowstudio:view:${id}`;
}

export function rememberView(id: string, view: Viewport): void {
  try {
    localStorage.setItem(key(id), JSON.stringify(view));
  } catch {
    // A full or forbidden storage only costs the remembered place.
  }
}

function remembered(id: string): Viewport | null {
  try {
    const view: unknown = JSON.parse(localStorage.getItem(key(id)) ?? "null");
    if (!view || typeof view !== "object") return null;
    const { x, y, zoom } = view as Partial<Viewport>;
    return Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(zoom) ? (view as Viewport) : null;
  } catch {
    return null;
  }
}

/** The view that shows these cards and notes whole; all of them where none are named. */
export function wholeView(model: Model, width: number, height: number, only?: ReadonlySet<string>): Viewport | null {
  const all = only?.size ? model.nodes.filter(({ id }) => only.has(id)) : model.nodes;
  const cards = only?.size || model.cards.size === 0 ? all : model.nodes.filter(({ type }) => type !== "note");
  if (!cards.length || !width || !height) return null;
  const left = Math.min(...cards.map((card) => card.position.x));
  const right = Math.max(...cards.map((card) => card.position.x + (card.width ?? 0)));
  const top = Math.min(...cards.map((card) => card.position.y));
  const bottom = Math.max(...cards.map((card) => card.position.y + (card.height ?? 0)));
  const zoom = Math.min(1, (width - 2 * PAD) / (right - left), (height - 2 * PAD) / (bottom - top));
  return {
    x: (width - (left + right) * zoom) / 2,
    y: zoom === 1 ? PAD - top : (height - (top + bottom) * zoom) / 2,
    zoom,
  };
}

export function firstView(id: string, model: Model, width: number, height: number): Viewport | null {
  const left = remembered(id);
  if (left) return left;
  const whole = wholeView(model, width, height);
  if (!whole) return { x: width / 2 - 124, y: 96, zoom: 1 };
  if (whole.zoom >= READABLE) return whole;
  const first = [...model.cards.values()].find((card) => card.data.trigger) ?? [...model.cards.values()][0];
  return first ? { x: width / 2 - 124 - first.position.x, y: PAD - first.position.y, zoom: 1 } : whole;
}
