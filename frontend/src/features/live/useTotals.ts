import { useMemo } from "react";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { useTopic } from "@/live/useTopic";
import { type Counts, type Totals, totals } from "./counts";
import { countsOf, type FlowLive } from "./data";

/** Whose totals, and by which drawing. */
export interface Whose {
  readonly flow: string;
  readonly graph: Graph;
  readonly catalogue: Catalogue;
}

/**
 * The totals of a flow as they are now; undefined until the first counts. They change with every delta: only the
 * components that show them may ask, so that the canvas is not drawn again for a number beside it.
 */
export function useTotals({ flow, graph, catalogue }: Whose): Totals | undefined {
  const counts = useTopic<FlowLive, Counts>(`flow:${flow}`, countsOf);
  return useMemo(() => (counts ? totals(graph, catalogue, counts) : undefined), [counts, graph, catalogue]);
}
