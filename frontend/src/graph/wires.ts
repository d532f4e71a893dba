/**
 * Lanes: the lines of a whole graph, each on a track of its own. The mirror of `flowstudio.domain.layout.wires`, step
 * by step; `tests/fixtures/routes.json` holds both to it.
 */

import type { Point } from "./document";
import { CLOSE, CROSS, type Edges, type End, FIRST, LAST, LEVEL, type Run, run, runs, SHARED, Tracks } from "./tracks";

export const BEND = 28;
/** Between two lanes that both carry a name. */
const LABELLED = 24;
const LANE = 12;
const CORNER = 5;
/** Lanes first, then finer steps: better a few pixels apart than on one track. */
const SHIFTS = [0, 12, -12, 24, -24, 36, -36, 6, -6, 18, -18, 30, -30, 3, -3, 9, -9];

interface Asked {
  readonly number: number;
  readonly end: End;
  readonly entry: Point;
  readonly bend: number;
  readonly double: boolean;
}

function far(a: Point, b: Point): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}

function long(line: readonly Point[]): number {
  let total = 0;
  for (let at = 1; at < line.length; at++) total += far(line[at - 1] as Point, line[at] as Point);
  return total;
}

/** The cheapest line met so far. */
class Best {
  line: Point[] = [];
  least = 1e18;

  constructor(
    private readonly tracks: Tracks,
    private readonly number: number,
  ) {}

  judge(line: Point[], extra = 0): void {
    let price = extra + CORNER * (line.length - 2) + 0.05 * long(line);
    if (price >= this.least) return;
    for (const each of runs(line, this.number)) {
      price += this.tracks.price(each);
      if (price >= this.least) return;
    }
    this.line = line;
    this.least = price;
  }
}

class Wires {
  private readonly tracks: Tracks;
  private readonly left: number;
  private readonly right: number;

  constructor(
    private readonly boxes: ReadonlyMap<string, Edges>,
    private readonly ends: readonly End[],
  ) {
    this.tracks = new Tracks(boxes.values(), ends);
    let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const box of boxes.values()) [left, right] = [Math.min(left, box[0]), Math.max(right, box[2])];
    this.left = left;
    this.right = right;
  }

  private box(name: string): Edges {
    return this.boxes.get(name) ?? [0, 0, 0, 0];
  }

  draw(): Point[][] {
    const { ends } = this;
    const entries = ends.map(({ target }) => {
      const box = this.box(target);
      return { x: (box[0] + box[2]) / 2, y: box[1] };
    });
    const pairs = new Map<string, number>();
    for (const [number, { source, target, start }] of ends.entries()) {
      // Both ends of a line are fixed: nobody else may settle there first.
      const to = entries[number] as Point;
      const straight = start.x === to.x && to.y > start.y ? FIRST | LAST : 0;
      this.tracks.add(run(false, start.x, start.y, start.y + 14, number, straight || FIRST));
      this.tracks.add(run(false, to.x, to.y - 14, to.y, number, straight || LAST));
      const pair = `${source}\n${target}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
    const bends = this.bends(entries);
    const lines: Point[][] = ends.map(() => []);
    const lengths = ends.map(({ start }, number) => far(start, entries[number] as Point));
    // Short lines first: they have the fewest ways to go, and nested ones then wrap around each other.
    const order = ends.map((_, number) => number);
    order.sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
    for (const number of order) {
      const end = ends[number] as End;
      const double = (pairs.get(`${end.source}\n${end.target}`) ?? 0) > 1;
      const line = this.best({
        number,
        end,
        entry: entries[number] as Point,
        bend: bends[number] ?? BEND,
        double,
      });
      lines[number] = line;
      for (const each of runs(line, number)) this.tracks.add(each);
    }
    return lines;
  }

  /** How far below its card each line bends: the outermost of a side first, the next ones below it. */
  private bends(entries: readonly Point[]): number[] {
    const sides = new Map<string, { source: string; right: boolean; numbers: number[] }>();
    const rooms = new Map<string, number>();
    for (const [number, { source, start }] of this.ends.entries()) {
      const to = entries[number] as Point;
      if (to.y > start.y) rooms.set(source, Math.min(rooms.get(source) ?? 1e9, to.y - start.y));
      if (start.x === to.x && to.y > start.y && !this.tracks.under(false, start.x, start.y, to.y).length) continue;
      const bend = start.y + BEND;
      const free =
        !this.tracks.under(true, bend, Math.min(start.x, to.x), Math.max(start.x, to.x)).length &&
        !this.tracks.under(false, to.x, bend, to.y).length;
      const box = this.box(source);
      const right = free && to.y > start.y ? to.x > start.x : start.x >= (box[0] + box[2]) / 2;
      const key = `${right} ${source}`;
      const side = sides.get(key);
      if (side) side.numbers.push(number);
      else sides.set(key, { source, right, numbers: [number] });
    }
    const bends = entries.map(() => BEND);
    const x = (number: number) => this.ends[number]?.start.x ?? 0;
    for (const { source, right, numbers } of sides.values()) {
      numbers.sort((a, b) => (right ? x(b) - x(a) : x(a) - x(b)) || a - b);
      const room = rooms.get(source) ?? 1e9;
      const first = room >= BEND + 12 ? BEND : Math.max(room / 2, 8);
      const step = Math.min(LABELLED, Math.max((room - 56) / Math.max(numbers.length - 1, 1), 0));
      numbers.forEach((number, turn) => {
        bends[number] = first + step * turn;
      });
    }
    return bends;
  }

  private best(asked: Asked): Point[] {
    const { number, end, entry, bend } = asked;
    const { x: sx, y: sy } = end.start;
    const { x: tx, y: ty } = entry;
    const best = new Best(this.tracks, number);
    const once = (y: number): Point[] => [end.start, { x: sx, y }, { x: tx, y }, entry];
    if (ty - sy >= 12) {
      if (Math.abs(sx - tx) < 1) {
        best.judge([end.start, entry]);
        if (best.least < CROSS) return best.line;
      } else {
        const [low, high] = [sy + 8, ty - 10];
        for (const shift of [0, LANE, -LANE, 2 * LANE, -2 * LANE, 3 * LANE, -3 * LANE]) {
          const y = sy + bend + shift;
          if (low <= y && y <= high) best.judge(once(y), 0.2 * Math.abs(shift));
        }
        for (const shift of [0, LANE, -LANE, -2 * LANE]) {
          const y = ty - BEND + shift;
          if (low <= y && y <= high) best.judge(once(y), 8 + 0.2 * Math.abs(shift));
        }
      }
    }
    if (best.least >= CROSS) for (const [x, extra] of this.gutters(asked)) this.round(asked, x, extra, best);
    if (best.least >= CLOSE) {
      for (let turn = 1; turn < 9; turn++) {
        this.round(asked, this.left - turn * LANE - 8, 0, best);
        this.round(asked, this.right + turn * LANE + 8, 0, best);
      }
    }
    if (best.least >= SHARED && ty - sy >= 24 && Math.abs(sx - tx) >= 1) {
      // The last resort is any free height at all.
      for (let at = 8; at < Math.min(Math.trunc(ty - sy) - 10, 160); at += 3) best.judge(once(sy + at), 12);
    }
    return best.line;
  }

  /** Down to a lane, along it to the gutter at `x`, along that, and in over the target. */
  private round({ number, end, entry, bend }: Asked, x: number, extra: number, best: Best): void {
    const { x: sx, y: sy } = end.start;
    const { x: tx, y: ty } = entry;
    const down = ty - sy >= 12;
    const high = down ? ty - 10 : 1e9;
    const outs = SHIFTS.map((shift) => sy + bend + shift).filter((y) => sy + 8 <= y && y <= high);
    const back = ty - sy >= 2 * BEND + 12 || !down ? BEND : 20;
    const ins = SHIFTS.filter((shift) => (!down || ty - back + shift >= sy + 8) && shift <= back - 10).map(
      (shift) => ty - back + shift,
    );
    // What every line through this gutter costs at least.
    if (extra + CORNER * 4 + 0.05 * (Math.abs(sx - x) + Math.abs(tx - x) + Math.abs(ty - sy)) >= best.least) return;
    if (this.tracks.price(run(false, x, sy + bend, ty - back, number, 0)) >= best.least) return;
    const first = this.cheapest(outs, (y) => [
      run(true, y, sx, x, number, 0),
      run(false, sx, sy, y, number, FIRST),
      run(false, x, y, ty - back, number, 0),
    ]);
    if (first === null) return;
    const last = this.cheapest(ins, (y) => [
      run(true, y, x, tx, number, LEVEL),
      run(false, tx, y, ty, number, LAST),
      run(false, x, first, y, number, 0),
    ]);
    if (last === null) return;
    best.judge([end.start, { x: sx, y: first }, { x, y: first }, { x, y: last }, { x: tx, y: last }, entry], extra);
  }

  private cheapest(places: readonly number[], parts: (y: number) => Run[]): number | null {
    let best: number | null = null;
    let least = 1e18;
    for (const [turn, y] of places.entries()) {
      let price = 0.5 * turn;
      for (const each of parts(y)) {
        price += this.tracks.price(each);
        if (price >= least) break;
      }
      if (price < least) [best, least] = [y, price];
      if (least <= 0.5 * turn) break;
    }
    return best;
  }

  /** Where a line may go down beside a card, and what that costs beyond its length. */
  private gutters({ end, entry, bend, double }: Asked): [number, number][] {
    const { x: sx, y: sy } = end.start;
    const { x: tx, y: ty } = entry;
    const down = ty - sy >= 12;
    const [low, high] = sy + bend <= ty ? [sy + bend, ty] : [ty, sy + bend];
    const under = down ? this.tracks.under(false, tx, sy + bend, ty) : this.tracks.under(false, sx, low, high);
    const found = new Map<number, number>();
    const offer = (x: number, price: number) => found.set(x, Math.min(found.get(x) ?? price, price));
    for (const box of [this.box(end.source), this.box(end.target), ...under.slice(0, 4)]) {
      for (const [out, price] of [
        [16, 0],
        [26, 2],
        [38, 4],
        [6, 6],
        [50, 6],
      ] as const) {
        offer(box[0] - out, price);
        offer(box[2] + out, price);
      }
    }
    if (double && down) {
      for (const turn of [1, 2, 3]) {
        offer(tx - turn * LANE, 2);
        offer(tx + turn * LANE, 2);
      }
    }
    const merit = ([x, price]: [number, number]) => 0.05 * (Math.abs(x - sx) + Math.abs(x - tx)) + price;
    return [...found].sort((a, b) => merit(a) - merit(b) || a[0] - b[0]);
  }
}

/** The corners of each edge, its ends included, in the order given. Every end must name cards among the boxes. */
export function wires(boxes: ReadonlyMap<string, Edges>, ends: readonly End[]): Point[][] {
  return new Wires(boxes, ends).draw();
}
