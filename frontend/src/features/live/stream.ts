/** The order of the stream, and how it stands still while somebody reads it. */

import type { Line, Lines } from "./data";

export type Filter = "all" | "active" | "failed" | "held";

export const fits: Record<Filter, (line: Line) => boolean> = {
  all: () => true,
  active: (line) => line.status === "active" || line.status === "paused",
  failed: (line) => line.status === "failed",
  held: (line) => line.status === "paused" || (line.status === "active" && ["held", "blocked"].includes(line.state)),
};

/** Newest first; of one instant, always in the same order. */
export function newestFirst(lines: Iterable<Line>): Line[] {
  return [...lines]
    .map((line) => [Date.parse(line.at) || 0, line] as const)
    .sort(([a, one], [b, other]) => b - a || (one.run < other.run ? 1 : -1))
    .map(([, line]) => line);
}

/** Lines of the stream and of a fetched list together; the stream knows better what it knows. */
export function joined(lines: Lines, fetched: readonly Line[], filter: Filter, node: string | null): Line[] {
  const all = new Map(fetched.map((line) => [line.run, line]));
  for (const line of Object.values(lines)) all.set(line.run, line);
  return newestFirst([...all.values()].filter((line) => fits[filter](line) && (!node || line.node === node)));
}

/** Rows in the order they had when the stream was stopped, each as it is now; and how many others have moved since. */
export function standing(frozen: readonly Line[], rows: readonly Line[]): { rows: Line[]; fresh: number } {
  const now = new Map(rows.map((line) => [line.run, line]));
  const then = new Map(frozen.map((line) => [line.run, line]));
  return {
    rows: frozen.map((line) => now.get(line.run) ?? line),
    fresh: rows.filter((line) => then.get(line.run)?.at !== line.at).length,
  };
}
