/** Two drawings as one: what is there now, and what is gone as a ghost at its old place. */

import type { Catalogue } from "./catalogue";
import type { Graph, GraphEdge, GraphNode } from "./document";
import { boxOf } from "./room";
import { freePlace, heightOf } from "./size";

export type Mark = "added" | "changed" | "removed";

export interface Compared {
  readonly graph: Graph;
  readonly nodes: Readonly<Record<string, Mark>>;
  readonly edges: Readonly<Record<string, Mark>>;
}

const way = (edge: GraphEdge) => `${edge.source} ${edge.source_port} ${edge.target}`;

/** `changed` are the nodes that are in both and behave or read differently. */
export function compare(before: Graph, after: Graph, catalogue: Catalogue, changed: Iterable<string>): Compared {
  const now = new Set(after.nodes.map(({ id }) => id));
  const was = new Set(before.nodes.map(({ id }) => id));
  const boxes = after.nodes.map((node) => boxOf(node, catalogue));
  const gone = before.nodes
    .filter(({ id }) => !now.has(id))
    .map((node): GraphNode => {
      // A ghost never covers what is there.
      const position = freePlace(node.position ?? { x: 0, y: 0 }, heightOf(node.type, catalogue.get(node.type)), boxes);
      const ghost = { ...node, position };
      boxes.push(boxOf(ghost, catalogue));
      return ghost;
    });
  const ways = new Set(after.edges.map(way));
  const old = new Set(before.edges.map(way));
  const ids = new Set(after.edges.map(({ id }) => id));
  const lost = before.edges
    .filter((edge) => !ways.has(way(edge)))
    .map((edge): GraphEdge => (ids.has(edge.id) ? { ...edge, id: `${edge.id}__was` } : edge));
  const nodes: Record<string, Mark> = {};
  for (const id of changed) if (now.has(id)) nodes[id] = "changed";
  for (const { id } of after.nodes) if (!was.has(id)) nodes[id] = "added";
  for (const { id } of gone) nodes[id] = "removed";
  const edges: Record<string, Mark> = {};
  for (const edge of after.edges) if (!old.has(way(edge))) edges[edge.id] = "added";
  for (const { id } of lost) edges[id] = "removed";
  return { graph: { ...after, nodes: [...after.nodes, ...gone], edges: [...after.edges, ...lost] }, nodes, edges };
}
