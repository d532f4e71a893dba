/** Which failures are news: they beat until somebody has looked at the card. Pure. */

import type { Graph } from "@/graph/document";
import type { Count, Counts, Unseen } from "./counts";
import type { Lines } from "./data";

export interface Failures {
  /** Failures of each node that were seen, or were old when the page opened; null before the first counts. */
  readonly seen: Count | null;
  readonly unseen: Unseen;
}

export const NO_FAILURES: Failures = { seen: null, unseen: {} };

/** What failed within this time before the page opened is news still. */
const LATELY_MS = 15 * 60_000;

function failedOf(graph: Graph, counts: Counts): Count {
  const failed: Record<string, number> = {};
  for (const { id } of graph.nodes) {
    const count = counts[`node:${id}`]?.failed;
    if (count) failed[id] = count;
  }
  return failed;
}

function lately(lines: Lines, now: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of Object.values(lines)) {
    const fresh = line.status === "failed" && now - Date.parse(line.at) < LATELY_MS;
    if (fresh && line.node) found[line.node] = (found[line.node] ?? 0) + 1;
  }
  return found;
}

/** The failures after new counts; `looked` is the node that somebody is looking at. */
export function follow(
  before: Failures,
  graph: Graph,
  counts: Counts,
  lines: Lines,
  looked: string | null,
  now: number,
): Failures {
  const failed = failedOf(graph, counts);
  const first = before.seen === null ? lately(lines, now) : null;
  const seen: Record<string, number> = {};
  const unseen: Record<string, number> = {};
  for (const [node, count] of Object.entries(failed)) {
    const known = first ? count - Math.min(count, first[node] ?? 0) : (before.seen?.[node] ?? 0);
    // A retry takes a failure back; what was seen cannot be more than what there is.
    seen[node] = node === looked ? count : Math.min(known, count);
    const fresh = count - (seen[node] ?? 0);
    if (fresh > 0) unseen[node] = fresh;
  }
  return { seen, unseen };
}
