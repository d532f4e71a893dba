/**
 * Where the names of lines stand: on their own line, never on a card, a port or another name. The mirror of
 * `flowstudio.domain.layout.labels`; `tests/fixtures/routes.json` holds both to it.
 */

import type { Point } from "./document";
import { type Edges, Grid } from "./tracks";

const HIGH = 20;
const LOW = 18;
const APART = 3;
/** From far away labels keep their size on the screen: where there is room at last, they may grow. */
const GROWTHS = [1.75, 1.5, 1.25];
const [FOREIGN, NARROWER] = [200, 30];

/** The label of one line: wanted widths, best first; `bare` is a number beside a line without a name. */
export interface Wish {
  readonly widths: readonly number[];
  readonly bare: boolean;
}

/**
 * The middle of a label's room, its width and how much it may grow. `side` is 0 where the label stands in the middle of
 * its room, 1 at its left end and -1 at its right: there its line is.
 */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly grow: number;
  readonly side: -1 | 0 | 1;
}

type Line = readonly Point[];
type Owned = readonly [box: Edges, owner: number];

class Owners {
  private readonly grid = new Grid<Owned>();

  add(box: Edges, owner: number): void {
    this.grid.add([box, owner], ...box);
  }

  private meet(box: Edges, visit: (owner: number) => void): void {
    this.grid.near(...box, ([other, owner]) => {
      if (box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]) visit(owner);
    });
  }

  hit(box: Edges, own = -2): boolean {
    let found = false;
    this.meet(box, (owner) => {
      if (owner !== own) found = true;
    });
    return found;
  }

  count(box: Edges, own: number): number {
    const found = new Set<number>();
    this.meet(box, (owner) => {
      if (owner !== own) found.add(owner);
    });
    return found.size;
  }
}

/** A place for each wish, in the order given; null where there is none, or no room. */
export function placeLabels(
  lines: readonly Line[],
  wishes: readonly (Wish | null)[],
  obstacles: Iterable<Edges>,
): (Place | null)[] {
  const [solid, wires] = [new Owners(), new Owners()];
  for (const [left, top, right, bottom] of obstacles) solid.add([left - 2, top - 2, right + 2, bottom + 2], -1);
  for (const [number, line] of lines.entries()) {
    for (const [a, b] of pairs(line)) {
      const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
      const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)];
      wires.add([left - 1, top - 1, right + 1, bottom + 1], number);
    }
  }
  const found = new Array<Place | null>(lines.length).fill(null);
  const asked = wishes.flatMap((wish, number) => {
    const line = lines[number] ?? [];
    return wish && line.length ? [{ wish, number, line, length: lengthOf(line) }] : [];
  });
  // Names before numbers, and short lines first: they have the fewest places.
  asked.sort((a, b) => Number(a.wish.bare) - Number(b.wish.bare) || a.length - b.length || a.number - b.number);
  for (const { wish, number, line } of asked) {
    const best = bestOf(line, wish, number, solid, wires);
    if (!best) continue;
    found[number] = best;
    solid.add(wider(boxOf(best, wish.bare)), number);
  }
  for (const [number, at] of found.entries()) {
    if (at && !wishes[number]?.bare) found[number] = grown(at, number, solid, wires);
  }
  return found;
}

function grown(at: Place, number: number, solid: Owners, wires: Owners): Place {
  const before = wires.count(boxOf(at, false), number);
  for (const grow of GROWTHS) {
    const more: Place = { ...at, x: at.x + (at.side * at.width * (grow - 1)) / 2, grow };
    const box = boxOf(more, false);
    if (!solid.hit(box, number) && wires.count(box, number) <= before) {
      solid.add(wider(box), number);
      return more;
    }
  }
  return at;
}

function bestOf(line: Line, wish: Wish, number: number, solid: Owners, wires: Owners): Place | null {
  let best: Place | null = null;
  let least = 1e18;
  for (const [narrow, width] of wish.widths.entries()) {
    const extra = NARROWER * narrow;
    if (extra >= least) break;
    for (const [at, price] of wish.bare ? bare(line, width) : named(line, width)) {
      let total = price + extra;
      if (total >= least) continue;
      const box = boxOf(at, wish.bare);
      if (solid.hit(box)) continue;
      total += FOREIGN * wires.count(box, number);
      if (total < least) [best, least] = [at, total];
    }
  }
  return best;
}

function* named(line: Line, width: number): Iterable<[Place, number]> {
  let gone = 0;
  for (const [a, b] of pairs(line)) {
    const long = Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
    if (a.y === b.y) {
      const way = b.x > a.x ? 1 : -1;
      const spare = long - width;
      for (const share of [0.5, 0.25, 0.75, 0, 1]) {
        // Where a stretch is shorter than its label, the label sticks out evenly.
        const along = spare >= 0 ? width / 2 + spare * share : long / 2;
        const price = 0.15 * (gone + along) + (spare >= 0 ? 0 : 12) + Math.abs(share - 0.5);
        yield [{ x: a.x + way * along, y: a.y, width, grow: 1, side: 0 }, price];
        if (spare < 0) break;
      }
    } else if (long >= 24) {
      const way = b.y > a.y ? 1 : -1;
      for (const along of steps(long, HIGH)) {
        const aside = width / 2 - 14;
        for (const [side, price] of [
          [0, 2],
          [1, 8],
          [-1, 8],
        ] as const) {
          const at: Place = { x: a.x + side * aside, y: a.y + way * along, width, grow: 1, side };
          yield [at, 0.15 * (gone + along) + price];
        }
      }
    }
    gone += long;
  }
}

function* bare(line: Line, width: number): Iterable<[Place, number]> {
  let gone = 0;
  for (const [a, b] of pairs(line)) {
    const long = Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
    if (a.y === b.y && long >= width) {
      yield [{ x: (a.x + b.x) / 2, y: a.y, width, grow: 1, side: 0 }, 6 + 0.05 * gone];
    } else if (a.x === b.x && long >= 22) {
      const way = b.y > a.y ? 1 : -1;
      for (const along of steps(long, LOW)) {
        const off = Math.abs(along - long / 2) * 0.05;
        const y = a.y + way * along;
        yield [{ x: a.x + 5 + width / 2, y, width, grow: 1, side: 1 }, 0.05 * gone + off];
        yield [{ x: a.x - 5 - width / 2, y, width, grow: 1, side: -1 }, 0.05 * gone + off + 3];
      }
    }
    gone += long;
  }
}

/** Heights along a stretch: its middle, near its begin, near its end, then every 12 px. */
function* steps(long: number, high: number): Iterable<number> {
  yield long / 2;
  const [low, top] = [high / 2 + 6, long - high / 2 - 10];
  if (top <= low) return;
  yield low;
  yield top;
  for (let turn = 1; turn < Math.min(Math.floor((top - low) / 12) + 1, 30); turn++) yield low + 12 * turn;
}

function boxOf({ x, y, width, grow }: Place, low: boolean): Edges {
  const [wide, high] = [(width * grow) / 2, ((low ? LOW : HIGH) * grow) / 2];
  return [x - wide, y - high, x + wide, y + high];
}

function wider([left, top, right, bottom]: Edges): Edges {
  return [left - APART, top - APART, right + APART, bottom + APART];
}

function lengthOf(line: Line): number {
  let total = 0;
  for (const [a, b] of pairs(line)) total += Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
  return total;
}

function pairs(line: Line): [Point, Point][] {
  return line.slice(1).map((point, at) => [line[at] as Point, point]);
}
