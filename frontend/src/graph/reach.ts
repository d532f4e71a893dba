/** Questions about who leads where, each linear in the size of the graph. */

import type { Catalogue, NodeType } from "./catalogue";
import type { Graph, GraphEdge, GraphNode } from "./document";
import { portsOf } from "./ports";

export function nodeOf(graph: Graph, id: string): GraphNode | undefined {
  return graph.nodes.find((node) => node.id === id);
}

export function edgeAt(graph: Graph, source: string, port: string): GraphEdge | undefined {
  return graph.edges.find((edge) => edge.source === source && edge.source_port === port);
}

function walk(edges: readonly GraphEdge[], from: Iterable<string>, here: "source" | "target"): Set<string> {
  const there = here === "source" ? "target" : "source";
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    const list = next.get(edge[here]);
    if (list) list.push(edge[there]);
    else next.set(edge[here], [edge[there]]);
  }
  const seen = new Set(from);
  const queue = [...seen];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const other of next.get(id) ?? []) {
      if (!seen.has(other)) {
        seen.add(other);
        queue.push(other);
      }
    }
  }
  return seen;
}

/** The nodes themselves and everything after them. */
export function downstream(graph: Graph, from: Iterable<string>): Set<string> {
  return walk(graph.edges, from, "source");
}

/** The nodes themselves and everything before them. */
export function upstream(graph: Graph, from: Iterable<string>): Set<string> {
  return walk(graph.edges, from, "target");
}

export function isTrigger(node: Pick<GraphNode, "type">, type: NodeType | undefined): boolean {
  return type?.trigger ?? node.type.startsWith("trigger.");
}

/** Every node an edge from `source` may end at: no trigger, not itself, and never back to where it came from. */
export function validTargets(graph: Graph, catalogue: Catalogue, source: string): Set<string> {
  const before = upstream(graph, [source]);
  return new Set(
    graph.nodes
      .filter((node) => !before.has(node.id) && !isTrigger(node, catalogue.get(node.type)))
      .map((node) => node.id),
  );
}

export interface OpenPort {
  readonly node: string;
  readonly port: string;
}

/** The ways out of a node that lead nowhere yet, the main ones first. */
export function openPorts(graph: Graph, catalogue: Catalogue, id: string): OpenPort[] {
  const node = nodeOf(graph, id);
  if (!node) return [];
  const used = new Set(graph.edges.filter((edge) => edge.source === id).map((edge) => edge.source_port));
  const rank = { main: 0, side: 1, error: 2 } as const;
  return portsOf(node, catalogue.get(node.type))
    .filter((port) => !used.has(port.id))
    .sort((a, b) => rank[a.kind] - rank[b.kind])
    .map((port) => ({ node: id, port: port.id }));
}
