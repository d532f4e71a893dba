/** The counts of a flow, and what they add up to. Pure. */

import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { quantile } from "@/live/histogram";

export type Count = Readonly<Record<string, number>>;
export type Counts = Readonly<Record<string, Count>>;
/** How many failures of each node nobody has looked at yet. */
export type Unseen = Readonly<Record<string, number>>;

export interface Totals {
  readonly moving: number;
  readonly waiting: number;
  readonly held: number;
  readonly active: number;
  readonly entered: number;
  readonly completed: number;
  readonly failed: number;
  readonly left: number;
}

export const NOTHING: Count = {};

/** A number of a subject. A level may be counted down before it was counted up: below nothing is nothing. */
export const many = (count: Count | undefined, metric: string): number => Math.max(0, count?.[metric] ?? 0);

/** Reads totals by one graph, again and again; the same counts give the same totals without adding up. */
export function createTotals(graph: Graph, catalogue: Catalogue): (counts: Counts) => Totals {
  const cards = graph.nodes.map((node) => ({
    subject: `node:${node.id}`,
    wait: catalogue.get(node.type)?.kind === "wait",
  }));
  let last: { counts: Counts; totals: Totals } | null = null;
  return (counts) => {
    if (last?.counts === counts) return last.totals;
    let [waiting, held] = [0, 0];
    for (const { subject, wait } of cards) {
      const own = counts[subject];
      if (!own) continue;
      const stopped = many(own, "held");
      held += stopped;
      if (wait) waiting += Math.max(0, many(own, "inside") - stopped);
    }
    const run = counts.run ?? NOTHING;
    const active = many(run, "active");
    const totals = {
      active,
      held,
      waiting,
      moving: Math.max(0, active - waiting - held),
      entered: many(run, "entered"),
      completed: many(run, "completed") + many(run, "goal"),
      failed: many(run, "failed"),
      left: many(run, "exited") + many(run, "cancelled") + many(run, "expired"),
    };
    last = { counts, totals };
    return totals;
  };
}

/** The middle of the times spent at a node, in milliseconds; null before anybody left it. */
export function median(own: Count): number | null {
  const spread: Record<string, number> = {};
  for (const [metric, count] of Object.entries(own)) if (/^d\d+$/.test(metric)) spread[metric.slice(1)] = count;
  const seconds = quantile(spread, 0.5);
  return seconds === null ? null : seconds * 1000;
}
