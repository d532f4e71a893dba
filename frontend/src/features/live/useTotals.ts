import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { useTopic } from "@/live/useTopic";
import { type Counts, createTotals, type Totals } from "./counts";
import { countsOf, type FlowLive } from "./data";

/** Whose totals, and how to add them up by the drawing. */
export interface Whose {
  readonly flow: string;
  readonly graph: Graph;
  readonly add: (counts: Counts) => Totals;
}

export const whoseTotals = (flow: string, graph: Graph, catalogue: Catalogue): Whose => ({
  flow,
  graph,
  add: createTotals(graph, catalogue),
});

/**
 * The totals of a flow as they are now; undefined until the first counts. They change with every delta: only the
 * components that show them may ask, so that the canvas is not drawn again for a number beside it.
 */
export function useTotals({ flow, add }: Whose): Totals | undefined {
  const now = useTopic<FlowLive, { counts: Counts }>(`flow:${flow}`, countsOf);
  return now && add(now.counts);
}
