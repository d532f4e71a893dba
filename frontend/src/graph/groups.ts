/** Groups: a named frame around cards, or one card in their place while it is collapsed. */

import type { Catalogue } from "./catalogue";
import { type Graph, type GraphEdge, type GraphGroup, type GraphNode, type Point, withGroups } from "./document";
import { freshId, takenIds } from "./names";
import type { Change } from "./operations";
import { portsOf } from "./ports";
import { downstream, upstream } from "./reach";
import { boxOf } from "./room";
import { type Box, CARD_H, CARD_W, overlap, snap } from "./size";

export const PAD = 12;
export const HEAD = 22;
/** The type of the one card that stands for a collapsed group: no document has it, since no type has a space. */
export const FOLDED = "folded group";

const NONE: readonly GraphGroup[] = [];

export function groupsOf(graph: Graph): readonly GraphGroup[] {
  return graph.groups ?? NONE;
}

export function groupNamed(graph: Graph, id: string): GraphGroup | undefined {
  return groupsOf(graph).find((group) => group.id === id);
}

/** The group that each card is in, by the card's id. */
export function owners(groups: readonly GraphGroup[]): Map<string, GraphGroup> {
  return new Map(groups.flatMap((group) => group.nodes.map((id) => [id, group] as const)));
}

/** What is chosen when groups stand for the cards in them. */
export function spread(graph: Graph, ids: Iterable<string>): ReadonlySet<string> {
  const chosen = new Set(ids);
  for (const group of groupsOf(graph)) {
    if (chosen.has(group.id)) for (const id of group.nodes) chosen.add(id);
  }
  return chosen;
}

function bounds(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    w: Math.max(...boxes.map((box) => box.x + box.w)) - x,
    h: Math.max(...boxes.map((box) => box.y + box.h)) - y,
  };
}

function around({ x, y, w, h }: Box): Box {
  return { x: x - PAD, y: y - PAD - HEAD, w: w + 2 * PAD, h: h + 2 * PAD + HEAD };
}

function membersOf(graph: Graph, group: GraphGroup): GraphNode[] {
  const inside = new Set(group.nodes);
  return graph.nodes.filter(({ id }) => inside.has(id));
}

/** Where a collapsed group's one card stands: in the middle of what it stands for, at its top. */
function cardPlace(box: Box): Point {
  return { x: box.x + (box.w - CARD_W) / 2, y: box.y };
}

export interface Frame {
  readonly group: GraphGroup;
  readonly box: Box;
}

export interface Folded {
  readonly graph: Graph;
  readonly frames: readonly Frame[];
}

/** The graph as it is drawn: a collapsed group is one card whose ports are the ways out of it. Ids of edges stay. */
export function fold(graph: Graph, catalogue: Catalogue): Folded {
  const groups = groupsOf(graph);
  if (!groups.length) return { graph, frames: [] };
  const boxes = new Map(graph.nodes.map((node) => [node.id, boxOf(node, catalogue)]));
  const box = (group: GraphGroup) => bounds(group.nodes.flatMap((id) => boxes.get(id) ?? []));
  const closed = groups.filter((group) => group.collapsed);
  const frames = groups.filter((group) => !group.collapsed).map((group): Frame => ({ group, box: around(box(group)) }));
  if (!closed.length) return { graph, frames };
  const owner = owners(closed);
  const edges = graph.edges.flatMap((edge): GraphEdge[] => {
    const [from, to] = [owner.get(edge.source), owner.get(edge.target)];
    if (from && from === to) return [];
    return [
      {
        ...edge,
        source: from?.id ?? edge.source,
        source_port: from ? `${edge.source} ${edge.source_port}` : edge.source_port,
        target: to?.id ?? edge.target,
      },
    ];
  });
  const cards = closed.map((group) => foldedCard(graph, catalogue, group, cardPlace(box(group)), owner));
  return { graph: { ...graph, nodes: [...graph.nodes.filter(({ id }) => !owner.has(id)), ...cards], edges }, frames };
}

function foldedCard(
  graph: Graph,
  catalogue: Catalogue,
  group: GraphGroup,
  position: Point,
  owner: ReadonlyMap<string, GraphGroup>,
): GraphNode {
  const members = new Map(membersOf(graph, group).map((node) => [node.id, node]));
  const ways = graph.edges
    .filter((edge) => members.has(edge.source) && owner.get(edge.target) !== group)
    .map((edge) => {
      const source = members.get(edge.source);
      const port = source && portsOf(source, catalogue.get(source.type)).find(({ id }) => id === edge.source_port);
      const label = port && port.id !== "out" ? port.label : source?.name || edge.source;
      return { id: `${edge.source} ${edge.source_port}`, label, kind: port?.kind ?? "main" };
    });
  const entries = graph.edges.filter((edge) => members.has(edge.target) && !members.has(edge.source)).length;
  return {
    id: group.id,
    type: FOLDED,
    name: group.name || "Group",
    config: { members: [...group.nodes], entries, ports: ways },
    position,
  };
}

/** The cards and all that lies on a way from one of them to another: a group has no hole. */
function whole(graph: Graph, ids: ReadonlySet<string>): ReadonlySet<string> {
  const [after, before] = [downstream(graph, ids), upstream(graph, ids)];
  return new Set([...ids, ...graph.nodes.flatMap(({ id }) => (after.has(id) && before.has(id) ? [id] : []))]);
}

/** Groups cards, with what lies between them; null where there are none, or they already are one group. */
export function group(graph: Graph, ids: Iterable<string>, name = "Group"): Change | null {
  const cards = new Set(graph.nodes.map(({ id }) => id));
  const chosen = whole(graph, new Set([...spread(graph, ids)].filter((id) => cards.has(id))));
  const nodes = graph.nodes.filter((node) => chosen.has(node.id)).map((node) => node.id);
  if (!nodes.length) return null;
  if (
    groupsOf(graph).some((each) => each.nodes.length === nodes.length && nodes.every((id) => each.nodes.includes(id)))
  )
    return null;
  const id = freshId("group", takenIds(graph));
  const left = groupsOf(graph).map((each) => ({ ...each, nodes: each.nodes.filter((node) => !chosen.has(node)) }));
  return {
    label: `Group ${nodes.length} ${nodes.length === 1 ? "step" : "steps"}`,
    graph: withGroups(graph, [...left, { id, name, nodes }]),
    select: [id],
  };
}

function changed(graph: Graph, id: string, change: (group: GraphGroup) => GraphGroup): Graph {
  return withGroups(
    graph,
    groupsOf(graph).map((each) => (each.id === id ? change(each) : each)),
  );
}

export function ungroup(graph: Graph, ids: Iterable<string>): Change | null {
  const chosen = new Set(ids);
  const gone = groupsOf(graph).filter((each) => chosen.has(each.id));
  if (!gone.length) return null;
  return {
    label: gone.length === 1 ? `Ungroup ${gone[0]?.name ?? ""}`.trim() : `Ungroup ${gone.length} groups`,
    graph: withGroups(
      graph,
      groupsOf(graph).filter((each) => !chosen.has(each.id)),
    ),
    select: gone.flatMap((each) => each.nodes),
  };
}

export function renameGroup(graph: Graph, id: string, name: string): Change {
  return { label: "Rename group", graph: changed(graph, id, (each) => ({ ...each, name })), key: `rename:${id}` };
}

/** Takes cards out of the groups they are in. */
export function leaveGroup(graph: Graph, ids: Iterable<string>): Change | null {
  const chosen = new Set(ids);
  const owner = owners(groupsOf(graph));
  if (![...chosen].some((id) => owner.has(id))) return null;
  const groups = groupsOf(graph).map((each) => ({ ...each, nodes: each.nodes.filter((id) => !chosen.has(id)) }));
  return { label: "Take out of the group", graph: withGroups(graph, groups) };
}

/** A new card between two cards of one group belongs to it. */
export function joinGroup(graph: Graph, id: string, beside: string): Graph {
  const found = owners(groupsOf(graph)).get(beside);
  return found && !found.nodes.includes(id)
    ? changed(graph, found.id, (each) => ({ ...each, nodes: [...each.nodes, id] }))
    : graph;
}

/**
 * Collapses a group to one card, or opens it. What stands below closes up by as much as the card is lower than what it
 * stands for, and makes the same room again; nothing is moved onto another card.
 */
export function setCollapsed(graph: Graph, catalogue: Catalogue, id: string, collapsed: boolean): Change | null {
  const found = groupNamed(graph, id);
  if (!found || Boolean(found.collapsed) === collapsed) return null;
  const { collapsed: _, ...open } = found;
  const next = changed(graph, id, () => (collapsed ? { ...open, collapsed: true } : open));
  const box = bounds(membersOf(graph, found).map((node) => boxOf(node, catalogue)));
  const label = `${collapsed ? "Collapse" : "Open"} ${found.name || "the group"}`;
  const by = collapsed ? CARD_H - box.h : box.h - CARD_H;
  const edge = collapsed ? box.y + box.h : box.y + CARD_H;
  const moved = by === 0 ? next : shifted(next, catalogue, found, edge, by);
  return { label, graph: moved, select: [id] };
}

/** Moves everything that begins below `edge` and shares a column with the group, unless it would then cover a card. */
function shifted(graph: Graph, catalogue: Catalogue, found: GraphGroup, edge: number, by: number): Graph {
  const inside = new Set(found.nodes);
  const moves = (node: GraphNode) => !inside.has(node.id) && (node.position?.y ?? 0) >= edge - 1;
  const move = (node: GraphNode): GraphNode => ({
    ...node,
    position: { x: node.position?.x ?? 0, y: (node.position?.y ?? 0) + by },
  });
  const next = { ...graph, nodes: graph.nodes.map((node) => (moves(node) ? move(node) : node)) };
  const boxes = (each: Graph) => fold(each, catalogue).graph.nodes.map((node) => boxOf(node, catalogue));
  return clashes(boxes(next)) > clashes(boxes(graph)) ? graph : next;
}

function clashes(boxes: readonly Box[]): number {
  const sorted = [...boxes].sort((a, b) => a.y - b.y);
  let count = 0;
  sorted.forEach((box, at) => {
    for (let next = at + 1; next < sorted.length; next++) {
      const other = sorted[next];
      if (!other || other.y >= box.y + box.h) break;
      if (overlap(box, other)) count += 1;
    }
  });
  return count;
}

/** New places of what was dragged, with a group's cards following the group. */
export function carried(
  graph: Graph,
  catalogue: Catalogue,
  places: Readonly<Record<string, Point>>,
): Record<string, Point> {
  const found: Record<string, Point> = {};
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const { graph: drawn, frames } = fold(graph, catalogue);
  for (const [id, at] of Object.entries(places)) {
    const of = groupNamed(graph, id);
    if (!of) {
      found[id] = at;
      continue;
    }
    const from =
      frames.find((frame) => frame.group.id === id)?.box ?? drawn.nodes.find((node) => node.id === id)?.position;
    if (!from) continue;
    const by = snap({ x: at.x - from.x, y: at.y - from.y });
    for (const member of of.nodes) {
      const was = nodes.get(member)?.position ?? { x: 0, y: 0 };
      if (!(member in places)) found[member] = { x: was.x + by.x, y: was.y + by.y };
    }
  }
  return found;
}

/** A drawn end of a line as it is in the graph: a collapsed group's port belongs to a card in it. */
export function realPort(
  graph: Graph,
  source: string,
  port: string,
): { readonly source: string; readonly port: string } {
  if (!groupNamed(graph, source)) return { source, port };
  const at = port.indexOf(" ");
  return { source: port.slice(0, at), port: port.slice(at + 1) };
}

/** The card by which customers enter a collapsed group: where lines lead to already, else the first with none inside. */
export function realTarget(graph: Graph, id: string): string {
  const of = groupNamed(graph, id);
  if (!of) return id;
  const inside = new Set(of.nodes);
  const outer = graph.edges.find((edge) => inside.has(edge.target) && !inside.has(edge.source));
  if (outer) return outer.target;
  const entered = new Set(graph.edges.filter((edge) => inside.has(edge.source)).map((edge) => edge.target));
  return of.nodes.find((each) => !entered.has(each)) ?? of.nodes[0] ?? id;
}
