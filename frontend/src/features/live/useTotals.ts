import { useMemo } from "react";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { useTopic } from "@/live/useTopic";
import { type Counts, type Totals, totals } from "./counts";
import { countsOf, type FlowLive } from "./data";

/** The totals of a flow as they are now; undefined until the first counts. */
export function useTotals(flow: string, graph: Graph | null, catalogue: Catalogue): Totals | undefined {
  const counts = useTopic<FlowLive, Counts>(`flow:${flow}`, countsOf);
  return useMemo(() => (counts && graph ? totals(graph, catalogue, counts) : undefined), [counts, graph, catalogue]);
}
