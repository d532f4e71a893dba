/** From the graph document to React Flow's nodes and edges. What did not change keeps its identity and is not drawn again. */

import { type Edge, type Node, type NodeHandle, Position } from "@xyflow/react";
import type { Catalogue, NodeType, Port } from "@/graph/catalogue";
import { type Graph, type GraphEdge, type GraphNode, type GraphNote, type Point, same } from "@/graph/document";
import { spreadLabels } from "@/graph/labels";
import { portsOf, sharesOf, wantsEdge } from "@/graph/ports";
import { isTrigger } from "@/graph/reach";
import { type Route, route } from "@/graph/route";
import { type Box, CARD_W, heightOf, isSlim } from "@/graph/size";
import { summarise } from "@/graph/summary";

export interface PlacedPort extends Port {
  /** Share of the card's width, from the left. */
  readonly share: number;
  readonly open: boolean;
  readonly wanted: boolean;
}

export interface CardData extends Record<string, unknown> {
  readonly node: GraphNode;
  readonly type: NodeType | undefined;
  readonly ports: readonly PlacedPort[];
  readonly sentence: { readonly short: string; readonly full: string };
  readonly slim: boolean;
  readonly trigger: boolean;
}

export interface NoteData extends Record<string, unknown> {
  readonly note: GraphNote;
}

export interface EdgeData extends Record<string, unknown> {
  readonly edge: GraphEdge;
  readonly route: Route;
  readonly from: Point;
  readonly to: Point;
  readonly label: string;
  readonly kind: Port["kind"];
}

export type CardNode = Node<CardData, "card">;
export type NoteNode = Node<NoteData, "note">;
export type DrawnNode = CardNode | NoteNode;
export type DrawnEdge = Edge<EdgeData, "flow">;

export interface Model {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  readonly cards: ReadonlyMap<string, CardNode>;
}

export const EMPTY_MODEL: Model = { nodes: [], edges: [], cards: new Map() };

function handles(ports: readonly PlacedPort[], height: number, trigger: boolean): NodeHandle[] {
  const size = { width: 8, height: 8 };
  const out = ports.map(
    (port): NodeHandle => ({
      id: port.id,
      type: "source",
      position: Position.Bottom,
      x: CARD_W * port.share - 4,
      y: height - 8,
      ...size,
    }),
  );
  return trigger
    ? out
    : [{ id: "in", type: "target", position: Position.Top, x: CARD_W / 2 - 4, y: 0, ...size }, ...out];
}

function card(
  node: GraphNode,
  type: NodeType | undefined,
  ports: readonly PlacedPort[],
  before: CardNode | undefined,
): CardNode {
  if (before && before.data.node === node && before.data.type === type && same(before.data.ports, ports)) return before;
  const slim = isSlim(node.type, type);
  const height = heightOf(node.type, type);
  const trigger = isTrigger(node, type);
  return {
    id: node.id,
    type: "card",
    position: node.position ?? { x: 0, y: 0 },
    width: CARD_W,
    height,
    measured: { width: CARD_W, height },
    handles: handles(ports, height, trigger),
    data: { node, type, ports, sentence: summarise(type?.summary ?? "", node.config), slim, trigger },
    ariaLabel: `${node.name || type?.name || node.type}`,
  };
}

function placed(
  node: GraphNode,
  type: NodeType | undefined,
  out: readonly GraphEdge[],
  nodes: ReadonlyMap<string, GraphNode>,
): PlacedPort[] {
  const ports = portsOf(node, type);
  const left = node.position?.x ?? 0;
  const known = new Set(ports.map((port) => port.id));
  const orphans = out
    .filter((edge) => !known.has(edge.source_port))
    .map((edge): Port => ({ id: edge.source_port, label: edge.source_port, kind: "side" }));
  const all = [...ports, ...orphans];
  const edges = all.map((port) => out.find((edge) => edge.source_port === port.id));
  const shares = sharesOf(
    all,
    edges.map((edge) => {
      const target = edge && nodes.get(edge.target);
      return target ? (target.position?.x ?? 0) - left : null;
    }),
  );
  return all.map((port, at) => ({ ...port, share: shares[at] ?? 0.5, open: !edges[at], wanted: wantsEdge(port) }));
}

/** What an edge from this port is labelled: the name of a branch; nothing where there is nothing to tell apart. */
export function edgeLabel(port: Port, ports: readonly Port[]): string {
  const several = ports.filter((item) => item.kind !== "error").length > 1 || port.kind === "error";
  return several && !(port.id === "out" && port.kind === "main") ? port.label : "";
}

function drawEdge(
  edge: GraphEdge,
  cards: ReadonlyMap<string, CardNode>,
  boxes: ReadonlyMap<string, Box>,
): (DrawnEdge & { data: EdgeData }) | null {
  const source = cards.get(edge.source);
  const target = cards.get(edge.target);
  const port = source?.data.ports.find((item) => item.id === edge.source_port);
  if (!source || !target || !port) return null;
  const from = { x: source.position.x + CARD_W * port.share, y: source.position.y + (source.height ?? 0) };
  const to = { x: target.position.x + CARD_W / 2, y: target.position.y };
  const far = to.y - from.y > 70 || to.y <= from.y;
  const others = far ? [...boxes].filter(([id]) => id !== edge.source && id !== edge.target).map(([, box]) => box) : [];
  const way = route(from, to, others);
  const label = edgeLabel(port, source.data.ports);
  return {
    id: edge.id,
    type: "flow",
    source: edge.source,
    target: edge.target,
    sourceHandle: edge.source_port,
    targetHandle: "in",
    data: { edge, route: way, from, to, label, kind: port.kind },
    ariaLabel: `From ${source.ariaLabel}${label ? `, ${label},` : ""} to ${target.ariaLabel}`,
  };
}

function note(item: GraphNote, before: DrawnNode | undefined): NoteNode {
  if (before?.type === "note" && before.data.note === item) return before;
  const { w, h } = item.size;
  return {
    id: item.id,
    type: "note",
    position: item.position,
    width: w,
    height: h,
    measured: { width: w, height: h },
    data: { note: item },
    zIndex: -1,
    ariaLabel: "Note",
  };
}

/** Linear in the graph apart from long edges, which look for a way around the cards. */
export function buildModel(graph: Graph, catalogue: Catalogue, before: Model): Model {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const out = new Map<string, GraphEdge[]>();
  for (const edge of graph.edges) out.set(edge.source, [...(out.get(edge.source) ?? []), edge]);
  const cards = new Map<string, CardNode>();
  const boxes = new Map<string, Box>();
  for (const node of graph.nodes) {
    const type = catalogue.get(node.type);
    const drawn = card(node, type, placed(node, type, out.get(node.id) ?? [], byId), before.cards.get(node.id));
    cards.set(node.id, drawn);
    boxes.set(node.id, { ...drawn.position, w: CARD_W, h: drawn.height ?? 0 });
  }
  const edgesBefore = new Map(before.edges.map((edge) => [edge.id, edge]));
  const nodesBefore = new Map(before.nodes.map((node) => [node.id, node]));
  const drawn = graph.edges.map((edge) => drawEdge(edge, cards, boxes)).filter((edge) => edge !== null);
  const labelled = drawn.map(({ data }) => ({ route: data.route, label: data.label }));
  const routes = spreadLabels(labelled, [...boxes.values()]);
  const edges = drawn.map((edge, at) => {
    const data = { ...edge.data, route: routes[at] ?? edge.data.route };
    const old = edgesBefore.get(edge.id);
    return old?.data && same(old.data, data) && old.ariaLabel === edge.ariaLabel ? old : { ...edge, data };
  });
  const notes = graph.notes.map((item) => note(item, nodesBefore.get(item.id)));
  return { nodes: [...notes, ...cards.values()], edges, cards };
}
