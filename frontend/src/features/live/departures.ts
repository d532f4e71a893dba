/** Who has just gone along which edge: what the counts of edges gained. Pure. */

import type { Departure } from "@/canvas/Travellers";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { portsOf } from "@/graph/ports";
import type { Counts } from "./counts";

const NONE: readonly Departure[] = [];

/** Departures between two states of the counts; `errors` are the edges that failures leave by. */
export function departures(
  graph: Graph,
  errors: ReadonlySet<string>,
  before: Counts | null,
  now: Counts,
): readonly Departure[] {
  if (!before) return NONE;
  const found: Departure[] = [];
  for (const { id } of graph.edges) {
    const subject = `edge:${id}`;
    if (before[subject] === now[subject]) continue;
    const count = (now[subject]?.count ?? 0) - (before[subject]?.count ?? 0);
    if (count > 0) found.push({ edge: id, count, failed: errors.has(id) });
  }
  return found.length ? found : NONE;
}

/** The edges that leave by a port for failures. */
export function errorEdges(graph: Graph, catalogue: Catalogue): string[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  return graph.edges
    .filter((edge) => {
      const node = nodes.get(edge.source);
      const ports = node ? portsOf(node, catalogue.get(node.type)) : [];
      return ports.find((port) => port.id === edge.source_port)?.kind === "error";
    })
    .map((edge) => edge.id);
}
