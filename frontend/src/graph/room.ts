/** Finding a place for a new card, and moving what is in its way as little as possible. */

import type { Catalogue } from "./catalogue";
import type { Graph, GraphNode, Point } from "./document";
import { portsOf, sharesOf, wantsEdge } from "./ports";
import { downstream, nodeOf } from "./reach";
import { type Box, CARD_W, freePlace, GAP_BRANCH, GAP_X, GAP_Y, heightOf, overlap } from "./size";

export function boxOf(node: GraphNode, catalogue: Catalogue): Box {
  const { x, y } = node.position ?? { x: 0, y: 0 };
  return { x, y, w: CARD_W, h: heightOf(node.type, catalogue.get(node.type)) };
}

/** How far to the side the target of each of a node's ports stands, null for an open port. */
export function portOffsets(graph: Graph, catalogue: Catalogue, node: GraphNode): (number | null)[] {
  const from = node.position ?? { x: 0, y: 0 };
  const edges = graph.edges.filter((edge) => edge.source === node.id);
  return portsOf(node, catalogue.get(node.type)).map((port) => {
    const edge = edges.find((item) => item.source_port === port.id);
    const target = edge && nodeOf(graph, edge.target);
    return target ? (target.position?.x ?? 0) - from.x : null;
  });
}

function gapAfter(node: GraphNode, catalogue: Catalogue): number {
  return portsOf(node, catalogue.get(node.type)).filter(wantsEdge).length > 1 ? GAP_BRANCH : GAP_Y;
}

/** The free place under an open port: straight down for the main one, a column aside for the others. */
export function placeBelow(graph: Graph, catalogue: Catalogue, id: string, port: string, typeName: string): Point {
  const node = nodeOf(graph, id);
  if (!node) return defaultPlace(graph, catalogue, typeName);
  const box = boxOf(node, catalogue);
  const ports = portsOf(node, catalogue.get(node.type));
  const at = ports.findIndex((item) => item.id === port);
  const share = sharesOf(ports, portOffsets(graph, catalogue, node))[at] ?? 0.5;
  const twoWays =
    ports.filter(wantsEdge).length === 2 && portOffsets(graph, catalogue, node).every((offset) => offset === null);
  const column = twoWays && share > 0.5 ? 1 : twoWays && share < 0.5 ? 0 : share < 0.45 ? -1 : share > 0.55 ? 1 : 0;
  const wanted = { x: box.x + column * (CARD_W + GAP_X), y: box.y + box.h + gapAfter(node, catalogue) };
  const boxes = graph.nodes.map((item) => boxOf(item, catalogue));
  return freePlace(wanted, heightOf(typeName, catalogue.get(typeName)), boxes);
}

/** Below everything, or at the origin of an empty canvas. */
export function defaultPlace(graph: Graph, catalogue: Catalogue, typeName: string): Point {
  const boxes = graph.nodes.map((node) => boxOf(node, catalogue));
  if (boxes.length === 0) return { x: 0, y: 0 };
  const bottom = Math.max(...boxes.map((box) => box.y + box.h));
  return freePlace({ x: boxes[0]?.x ?? 0, y: bottom + GAP_Y }, heightOf(typeName, catalogue.get(typeName)), boxes);
}

/** Moves `below` and all that follows it down, just far enough for a card of `typeName` at `at`. */
export function makeRoom(graph: Graph, catalogue: Catalogue, at: Point, typeName: string, below: string): Graph {
  const target = nodeOf(graph, below);
  if (!target) return graph;
  const need = at.y + heightOf(typeName, catalogue.get(typeName)) + GAP_Y - (target.position?.y ?? 0);
  if (need <= 0) return graph;
  const after = downstream(graph, [below]);
  const from = target.position?.y ?? 0;
  const nodes = graph.nodes.map((node) => {
    const position = node.position ?? { x: 0, y: 0 };
    return after.has(node.id) && position.y >= from
      ? { ...node, position: { x: position.x, y: position.y + need } }
      : node;
  });
  return { ...graph, nodes };
}

/** Where a card goes that is inserted between `source` and `target`: in the target's column, under the source. */
makeRoom.place = (
  graph: Graph,
  catalogue: Catalogue,
  source: GraphNode | undefined,
  target: GraphNode | undefined,
  typeName: string,
): Point => {
  if (!source || !target) return defaultPlace(graph, catalogue, typeName);
  const box = boxOf(source, catalogue);
  return { x: target.position?.x ?? box.x, y: box.y + box.h + gapAfter(source, catalogue) };
};

/** After a card between them went: what follows closes up under `before`, unless it would cover something. */
export function closeGap(graph: Graph, catalogue: Catalogue, before: string, next: string): Graph {
  const source = nodeOf(graph, before);
  const target = nodeOf(graph, next);
  if (!source || !target) return graph;
  const box = boxOf(source, catalogue);
  const from = target.position?.y ?? 0;
  const spare = from - (box.y + box.h + gapAfter(source, catalogue));
  if (spare < 16) return graph;
  const after = downstream(graph, [next]);
  const moves = (node: GraphNode) => after.has(node.id) && (node.position?.y ?? 0) >= from;
  const up = (node: GraphNode): GraphNode => ({
    ...node,
    position: { x: node.position?.x ?? 0, y: (node.position?.y ?? 0) - spare },
  });
  const still = graph.nodes.filter((node) => !moves(node)).map((node) => boxOf(node, catalogue));
  const lifted = graph.nodes.filter(moves).map((node) => boxOf(up(node), catalogue));
  const clash = lifted.some((each) => still.some((other) => overlap(each, other, 8)));
  const nodes = graph.nodes.map((node) => (moves(node) ? up(node) : node));
  return clash ? graph : { ...graph, nodes };
}
