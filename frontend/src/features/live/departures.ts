/** Who has just gone along which edge: what the counts of edges gained. Pure. */

import type { Departure } from "@/canvas/Travellers";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { portsOf } from "@/graph/ports";
import type { Counts } from "./counts";

const NONE: readonly Departure[] = [];

/** Reads departures between two states of one graph's counts; the first counts move nobody. */
export function createDepartures(graph: Graph, catalogue: Catalogue) {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const ways = graph.edges.map((edge) => {
    const node = nodes.get(edge.source);
    const port = node && portsOf(node, catalogue.get(node.type)).find((each) => each.id === edge.source_port);
    return { edge: edge.id, subject: `edge:${edge.id}`, failed: port?.kind === "error" };
  });
  return (before: Counts | null, now: Counts): readonly Departure[] => {
    if (!before || before === now) return NONE;
    const found: Departure[] = [];
    for (const { edge, subject, failed } of ways) {
      if (before[subject] === now[subject]) continue;
      const count = (now[subject]?.count ?? 0) - (before[subject]?.count ?? 0);
      if (count > 0) found.push({ edge, count, failed });
    }
    return found.length ? found : NONE;
  };
}
