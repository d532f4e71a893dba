/** From the graph document to React Flow's nodes and edges. What did not change keeps its identity and is not drawn again. */

import { type Edge, type Node, type NodeHandle, Position } from "@xyflow/react";
import type { Catalogue, NodeType, Port } from "@/graph/catalogue";
import {
  type Graph,
  type GraphEdge,
  type GraphGroup,
  type GraphNode,
  type GraphNote,
  type Point,
  same,
} from "@/graph/document";
import { FOLDED, type Frame } from "@/graph/groups";
import { placeLabels } from "@/graph/labels";
import { wishFor } from "@/graph/letters";
import { portsOf, sharesOf, wantsEdge } from "@/graph/ports";
import { isTrigger } from "@/graph/reach";
import { type Route, routeAlong } from "@/graph/route";
import { CARD_W, heightOf, isSlim } from "@/graph/size";
import { summarise } from "@/graph/summary";
import type { Edges, End } from "@/graph/tracks";
import { wires } from "@/graph/wires";

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

export interface FrameData extends Record<string, unknown> {
  readonly group: GraphGroup;
}

/** A card, or the one card of a collapsed group: both have ports, and lines lead to both. */
export type CardNode = Node<CardData, "card" | "folded">;
export type NoteNode = Node<NoteData, "note">;
export type FrameNode = Node<FrameData, "frame">;
export type DrawnNode = CardNode | NoteNode | FrameNode;
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
  const known = before && (before.data.node === node || (node.type === FOLDED && same(before.data.node, node)));
  if (known && before.data.type === type && same(before.data.ports, ports)) return before;
  const slim = isSlim(node.type, type);
  const height = heightOf(node.type, type);
  const trigger = isTrigger(node, type);
  return {
    id: node.id,
    type: node.type === FOLDED ? "folded" : "card",
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

interface Line {
  readonly edge: GraphEdge;
  readonly source: CardNode;
  readonly target: CardNode;
  readonly port: PlacedPort;
  readonly label: string;
}

function linesOf(edges: readonly GraphEdge[], cards: ReadonlyMap<string, CardNode>): Line[] {
  return edges.flatMap((edge) => {
    const [source, target] = [cards.get(edge.source), cards.get(edge.target)];
    const port = source?.data.ports.find((item) => item.id === edge.source_port);
    return source && target && port ? [{ edge, source, target, port, label: edgeLabel(port, source.data.ports) }] : [];
  });
}

function foot(card: CardNode, port: PlacedPort): Point {
  return { x: card.position.x + port.share * CARD_W, y: card.position.y + (card.height ?? 0) };
}

/** What no label may cover: cards, ports that are shown, and the + below one that still has to lead somewhere. */
function solids(cards: Iterable<CardNode>): Edges[] {
  const [boxes, marks]: [Edges[], Edges[]] = [[], []];
  for (const card of cards) {
    boxes.push(edgesOf(card));
    for (const port of card.data.ports) {
      const { x, y } = foot(card, port);
      if (!port.open) marks.push([x - 5, y - 5, x + 5, y + 5]);
      else if (port.wanted) marks.push([x - 12, y - 5, x + 12, y + 38]);
    }
  }
  return [...boxes, ...marks];
}

function edgesOf({ position: { x, y }, height }: CardNode): Edges {
  return [x, y, x + CARD_W, y + (height ?? 0)];
}

/** All that a line's way depends on: while it stays the same, nothing is looked for again. */
interface Geometry {
  readonly boxes: ReadonlyMap<string, Edges>;
  readonly ends: readonly End[];
  readonly labels: readonly string[];
  readonly solid: readonly Edges[];
}

const known = new WeakMap<readonly DrawnEdge[], { geometry: Geometry; routes: readonly Route[] }>();

function geometryOf(lines: readonly Line[], cards: ReadonlyMap<string, CardNode>): Geometry {
  return {
    boxes: new Map([...cards].map(([id, card]) => [id, edgesOf(card)])),
    ends: lines.map(({ edge, source, port }) => ({
      source: edge.source,
      port: edge.source_port,
      target: edge.target,
      start: foot(source, port),
      error: port.kind === "error",
    })),
    labels: lines.map(({ label }) => label),
    solid: solids(cards.values()),
  };
}

function alike(a: Geometry, b: Geometry): boolean {
  return same(a.ends, b.ends) && same(a.labels, b.labels) && same(a.solid, b.solid) && same([...a.boxes], [...b.boxes]);
}

function routesOf(geometry: Geometry): Route[] {
  const { boxes, ends, labels, solid } = geometry;
  const ways = wires(boxes, ends);
  const wishes = ends.map(({ port, error }, at) => wishFor(labels[at] ?? "", !error && port !== "not_found"));
  const places = placeLabels(ways, wishes, solid);
  return ways.map((points, at) => routeAlong(points, places[at] ?? null));
}

function drawEdge({ edge, source, target, port, label }: Line, way: Route): DrawnEdge & { data: EdgeData } {
  const from = foot(source, port);
  const to = { x: target.position.x + CARD_W / 2, y: target.position.y };
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

/** The frame of an open group: only its head can be grasped, the rest lets through what is behind. */
function frameNode({ group, box }: Frame, before: DrawnNode | undefined): FrameNode {
  const unmoved = before?.type === "frame" && before.position.x === box.x && before.position.y === box.y;
  if (unmoved && before.data.group === group && before.width === box.w && before.height === box.h) return before;
  return {
    id: group.id,
    type: "frame",
    position: { x: box.x, y: box.y },
    width: box.w,
    height: box.h,
    measured: { width: box.w, height: box.h },
    data: { group },
    // Above the lines, so that they cannot keep one from its head; below the cards, which come after it.
    zIndex: 0,
    style: { pointerEvents: "none" },
    ariaLabel: `Group ${group.name}, ${group.nodes.length} steps`,
  };
}

/** Lines are laid out together, since each keeps clear of the others; only when something moved. */
export function buildModel(graph: Graph, catalogue: Catalogue, before: Model, frames: readonly Frame[] = []): Model {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const out = new Map<string, GraphEdge[]>();
  for (const edge of graph.edges) out.set(edge.source, [...(out.get(edge.source) ?? []), edge]);
  const cards = new Map<string, CardNode>();
  for (const node of graph.nodes) {
    const type = catalogue.get(node.type);
    const drawn = card(node, type, placed(node, type, out.get(node.id) ?? [], byId), before.cards.get(node.id));
    cards.set(node.id, drawn);
  }
  const edgesBefore = new Map(before.edges.map((edge) => [edge.id, edge]));
  const nodesBefore = new Map(before.nodes.map((node) => [node.id, node]));
  const lines = linesOf(graph.edges, cards);
  const geometry = geometryOf(lines, cards);
  const last = known.get(before.edges);
  const routes = last && alike(last.geometry, geometry) ? last.routes : routesOf(geometry);
  const edges = lines.map((line, at) => {
    const edge = drawEdge(line, routes[at] ?? routeAlong([], null));
    const old = edgesBefore.get(edge.id);
    return old?.data && same(old.data, edge.data) && old.ariaLabel === edge.ariaLabel ? old : edge;
  });
  known.set(edges, { geometry, routes });
  const notes = graph.notes.map((item) => note(item, nodesBefore.get(item.id)));
  const around = frames.map((frame) => frameNode(frame, nodesBefore.get(frame.group.id)));
  return { nodes: [...around, ...notes, ...cards.values()], edges, cards };
}
