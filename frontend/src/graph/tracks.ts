/** Which tracks lines have taken, and what it costs to take another: the mirror of `flowstudio.domain.layout.tracks`. */

import type { Point } from "./document";

/** Left, top, right, bottom. */
export type Edges = readonly [number, number, number, number];

/** One edge to draw: cards by name, where it starts, whether it is a way of errors. */
export interface End {
  readonly source: string;
  readonly port: string;
  readonly target: string;
  readonly start: Point;
  readonly error: boolean;
}

/** A straight piece of a line: level (`flat`) or upright, where it lies, from where to where. */
export interface Run {
  readonly flat: boolean;
  readonly at: number;
  readonly low: number;
  readonly high: number;
  readonly edge: number;
  readonly part: number;
}

/** Leaves the port; comes into the target; the level run just before that. */
export const [FIRST, LAST, LEVEL] = [1, 2, 4] as const;
export const [UNDER, SHARED, CLOSE, CROSS, JOIN] = [10_000, 2_000, 150, 30, 12] as const;
/** Closer than this, two parallel lines are one to the eye. */
const NEAR = 9;
/** How much two lines from one card may share above their target. */
const JOINT = 40;
const BUCKET = 256;

/** Things by the squares of a coarse grid that they touch. */
export class Grid<T> {
  private readonly columns = new Map<number, Map<number, T[]>>();

  add(item: T, left: number, top: number, right: number, bottom: number): void {
    for (let column = Math.floor(left / BUCKET); column <= Math.floor(right / BUCKET); column++) {
      const rows = this.columns.get(column) ?? new Map<number, T[]>();
      this.columns.set(column, rows);
      for (let row = Math.floor(top / BUCKET); row <= Math.floor(bottom / BUCKET); row++) {
        const items = rows.get(row);
        if (items) items.push(item);
        else rows.set(row, [item]);
      }
    }
  }

  /** Those in the squares that a box touches; one that lies in several comes several times. */
  near(left: number, top: number, right: number, bottom: number, visit: (item: T) => void): void {
    for (let column = Math.floor(left / BUCKET); column <= Math.floor(right / BUCKET); column++) {
      const rows = this.columns.get(column);
      if (!rows) continue;
      for (let row = Math.floor(top / BUCKET); row <= Math.floor(bottom / BUCKET); row++) {
        for (const item of rows.get(row) ?? []) visit(item);
      }
    }
  }
}

export function span(a: number, b: number): readonly [number, number] {
  return a <= b ? [a, b] : [b, a];
}

export function run(flat: boolean, at: number, from: number, to: number, edge: number, part: number): Run {
  const [low, high] = span(from, to);
  return { flat, at, low, high, edge, part };
}

/** The straight pieces of a line. */
export function runs(line: readonly Point[], edge: number): Run[] {
  const count = line.length - 1;
  const found: Run[] = [];
  for (let at = 0; at < count; at++) {
    const [a, b] = [line[at], line[at + 1]];
    if (!a || !b) continue;
    const flat = a.y === b.y && a.x !== b.x;
    const part = (at === 0 ? FIRST : 0) | (at === count - 1 ? LAST : 0) | (at === count - 2 && flat ? LEVEL : 0);
    found.push(flat ? run(true, a.y, a.x, b.x, edge, part) : run(false, a.x, a.y, b.y, edge, part));
  }
  return found;
}

export class Tracks {
  private readonly cards = new Grid<Edges>();
  private readonly taken = new Grid<Run>();

  constructor(
    boxes: Iterable<Edges>,
    private readonly ends: readonly End[],
  ) {
    for (const box of boxes) this.cards.add(box, ...box);
  }

  /** What a run costs beyond its length. */
  price(mine: Run): number {
    let total = UNDER * this.under(mine.flat, mine.at, mine.low, mine.high).length;
    const met = new Set<Run>();
    const meet = (other: Run) => {
      if (other.edge === mine.edge || met.has(other)) return;
      met.add(other);
      if (other.flat !== mine.flat) {
        if (mine.low < other.at && other.at < mine.high && other.low < mine.at && mine.at < other.high) total += CROSS;
      } else if (Math.abs(other.at - mine.at) < NEAR) {
        const shared = Math.min(mine.high, other.high) - Math.max(mine.low, other.low);
        if (shared > 0) total += this.shared(mine, other, shared);
      }
    };
    if (mine.flat) this.taken.near(mine.low, mine.at - NEAR, mine.high, mine.at + NEAR, meet);
    else this.taken.near(mine.at - NEAR, mine.low, mine.at + NEAR, mine.high, meet);
    return total;
  }

  private shared(one: Run, other: Run, shared: number): number {
    const [mine, yours] = [this.ends[one.edge], this.ends[other.edge]];
    if (!mine || !yours) return 0;
    const both = one.part & other.part;
    const gap = Math.abs(one.at - other.at);
    const same = gap === 0;
    if (both & FIRST && mine.source === yours.source && mine.port === yours.port && same) return 0;
    if (mine.target === yours.target && same) {
      if (both & LAST) {
        if (mine.source === yours.source) return shared <= JOINT ? 0 : SHARED + shared;
        return mine.error === yours.error ? 0 : 0.3 * Math.max(shared - JOINT, 0);
      }
      if (both & LEVEL && mine.source !== yours.source && mine.error === yours.error) return JOIN;
    }
    if (shared <= 8) return shared;
    return gap >= 2 ? CLOSE + 0.2 * shared : SHARED + shared;
  }

  /** The cards that a run passes under or grazes. */
  under(flat: boolean, at: number, low: number, high: number): Edges[] {
    const [left, top, right, bottom] = flat
      ? [low - 3, at - 4, high + 3, at + 4]
      : [at - 3, low + 0.5, at + 3, high - 0.5];
    const found: Edges[] = [];
    this.cards.near(left, top, right, bottom, (box) => {
      if (!(box[0] < right && left < box[2] && box[1] < bottom && top < box[3])) return;
      if (!found.some((known) => known.every((side, index) => side === box[index]))) found.push(box);
    });
    return found;
  }

  /** Takes the track. */
  add(mine: Run): void {
    if (mine.flat) this.taken.add(mine, mine.low, mine.at, mine.high, mine.at);
    else this.taken.add(mine, mine.at, mine.low, mine.at, mine.high);
  }
}
