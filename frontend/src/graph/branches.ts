/** A branch: a card and everything that is reached through it alone. Whole branches are chosen, moved and copied. */

import type { Catalogue } from "./catalogue";
import { graft, part } from "./clipboard";
import type { Graph, GraphEdge, Point } from "./document";
import { freshId, takenIds } from "./names";
import type { Change, Place } from "./operations";
import { portsOf } from "./ports";
import { downstream, edgeAt, nodeOf, validTargets } from "./reach";
import { boxOf, placeBelow } from "./room";
import { GAP_Y, overlap, snap } from "./size";

/** The card and what comes after it, without what is also reached another way. */
export function branchOf(graph: Graph, id: string): Set<string> {
  const after = downstream(graph, [id]);
  const without = graph.edges.filter((edge) => edge.source !== id);
  // Every card that the branch does not hold is a beginning: what they lead to without the card is not only its.
  const elsewhere = downstream(
    { ...graph, edges: without },
    graph.nodes.filter((node) => !after.has(node.id)).map((node) => node.id),
  );
  return new Set([...after].filter((each) => each === id || !elsewhere.has(each)));
}

/** The branches of several cards together. */
export function branchesOf(graph: Graph, ids: Iterable<string>): Set<string> {
  return new Set([...ids].flatMap((id) => [...branchOf(graph, id)]));
}

/** Where the straight way through a branch ends: the last card with an open main port, or null where it only ends. */
function openEnd(graph: Graph, catalogue: Catalogue, head: string, inside: ReadonlySet<string>) {
  const seen = new Set<string>();
  for (let at: string | undefined = head; at && !seen.has(at); ) {
    seen.add(at);
    const node = nodeOf(graph, at);
    if (!node) return null;
    const out = portsOf(node, catalogue.get(node.type)).find(
      (port) => port.kind !== "error" && port.id !== "not_found",
    );
    if (!out) return null;
    const next = edgeAt(graph, at, out.id);
    if (!next) return { node: at, port: out.id };
    at = inside.has(next.target) ? next.target : undefined;
  }
  return null;
}

/** Whether a branch may be put here: not into itself, not before itself, and never making a circle. */
export function fits(graph: Graph, catalogue: Catalogue, head: string, place: Place): boolean {
  if (place.kind === "point") return true;
  const inside = branchOf(graph, head);
  const edge = place.kind === "edge" ? graph.edges.find((item) => item.id === place.edge) : undefined;
  const source = place.kind === "edge" ? edge?.source : place.node;
  if (!source || inside.has(source) || (edge && inside.has(edge.target))) return false;
  return validTargets(detached(graph, head, inside), catalogue, source).has(head);
}

function detached(graph: Graph, head: string, inside: ReadonlySet<string>): Graph {
  return { ...graph, edges: graph.edges.filter((edge) => edge.target !== head || inside.has(edge.source)) };
}

function linked(graph: Graph, source: string, port: string, target: string): Graph {
  const edge: GraphEdge = {
    id: freshId(`${source}_${port}`.slice(0, 48), takenIds(graph)),
    source,
    source_port: port,
    target,
  };
  return { ...graph, edges: [...graph.edges, edge] };
}

function shift(graph: Graph, ids: ReadonlySet<string>, by: Point): Graph {
  const nodes = graph.nodes.map((node) =>
    ids.has(node.id)
      ? { ...node, position: { x: (node.position?.x ?? 0) + by.x, y: (node.position?.y ?? 0) + by.y } }
      : node,
  );
  return { ...graph, nodes };
}

/** Puts a branch that is connected to nothing behind a port or into an edge; what came there comes after its open end. */
function attach(graph: Graph, catalogue: Catalogue, head: string, inside: ReadonlySet<string>, place: Place): Graph {
  const node = nodeOf(graph, head);
  if (!node) return graph;
  const from = node.position ?? { x: 0, y: 0 };
  if (place.kind === "point")
    return clear(graph, catalogue, inside, { x: place.at.x - from.x, y: place.at.y - from.y });
  const edge =
    place.kind === "edge" ? graph.edges.find((item) => item.id === place.edge) : edgeAt(graph, place.node, place.port);
  const source = edge ? edge.source : place.kind === "port" ? place.node : "";
  const port = edge ? edge.source_port : place.kind === "port" ? place.port : "";
  const rest = { ...graph, nodes: graph.nodes.filter((each) => !inside.has(each.id)) };
  const open = { ...rest, edges: rest.edges.filter((item) => item !== edge) };
  const at = placeBelow(open, catalogue, source, port, node.type);
  let next = linked({ ...graph, edges: graph.edges.filter((item) => item !== edge) }, source, port, head);
  next = clear(next, catalogue, inside, { x: at.x - from.x, y: at.y - from.y });
  const end = edge ? openEnd(next, catalogue, head, inside) : null;
  if (!edge || !end) return next;
  next = linked(next, end.node, end.port, edge.target);
  const bottom = Math.max(
    ...next.nodes
      .filter((each) => inside.has(each.id))
      .map((each) => boxOf(each, catalogue).y + boxOf(each, catalogue).h),
  );
  const target = nodeOf(next, edge.target);
  const down = bottom + GAP_Y - (target?.position?.y ?? 0);
  return down > 0 ? shift(next, new Set([...downstream(next, [edge.target])]), { x: 0, y: down }) : next;
}

/** Moves cards by about this much: further to the side, then further down, until they cover nobody else. */
function clear(graph: Graph, catalogue: Catalogue, ids: ReadonlySet<string>, by: Point): Graph {
  const others = graph.nodes.filter((node) => !ids.has(node.id)).map((node) => boxOf(node, catalogue));
  const mine = graph.nodes.filter((node) => ids.has(node.id)).map((node) => boxOf(node, catalogue));
  for (let row = 0; row < 40; row++) {
    for (const column of [0, 1, -1, 2, -2, 3]) {
      const step = snap({ x: by.x + column * 280, y: by.y + row * 40 });
      if (
        !mine.some((box) => others.some((other) => overlap({ ...box, x: box.x + step.x, y: box.y + step.y }, other, 8)))
      )
        return shift(graph, ids, step);
    }
  }
  return shift(graph, ids, snap(by));
}

function called(graph: Graph, head: string, count: number): string {
  const name = nodeOf(graph, head)?.name || head;
  return count === 1 ? name : `${name} and ${count - 1} more`;
}

/** Moves a whole branch behind another port or into another edge; the cards stay the same cards. */
export function moveBranch(graph: Graph, catalogue: Catalogue, head: string, place: Place): Change | null {
  if (!nodeOf(graph, head) || !fits(graph, catalogue, head, place)) return null;
  const inside = branchOf(graph, head);
  const free = place.kind === "point" ? graph : detached(graph, head, inside);
  return {
    label: `Move ${called(graph, head, inside.size)}`,
    graph: attach(free, catalogue, head, inside, place),
    select: [...inside],
  };
}

/** Copies a whole branch behind another port or into another edge; lines that leave the branch are not copied. */
export function copyBranch(graph: Graph, catalogue: Catalogue, head: string, place: Place): Change | null {
  if (!nodeOf(graph, head)) return null;
  const inside = branchOf(graph, head);
  return graftAt(graph, catalogue, part(graph, inside), head, place, `Copy ${called(graph, head, inside.size)}`);
}

/** Adds a copy of `source` whose card `head` stands at a place. */
export function graftAt(
  graph: Graph,
  catalogue: Catalogue,
  source: Graph,
  head: string,
  place: Place,
  label: string,
): Change | null {
  const { graph: grown, select = [] } = graft(graph, source, { x: 0, y: 0 }, label);
  const first = select[source.nodes.findIndex(({ id }) => id === head)];
  if (!first || (place.kind !== "point" && !validTargets(grown, catalogue, sourceOf(graph, place)).has(first)))
    return null;
  return { label, graph: attach(grown, catalogue, first, new Set(select), place), select };
}

function sourceOf(graph: Graph, place: Place): string {
  if (place.kind === "port") return place.node;
  return place.kind === "edge" ? (graph.edges.find(({ id }) => id === place.edge)?.source ?? "") : "";
}

/** The one card of a document that a customer would enter by: no trigger, and nothing leads to it; null where several. */
export function entryOf(source: Graph, catalogue: Catalogue): string | null {
  const entered = new Set(source.edges.map((edge) => edge.target));
  const heads = source.nodes.filter((node) => !entered.has(node.id));
  const [head] = heads;
  const trigger = (type: string) => catalogue.get(type)?.trigger ?? type.startsWith("trigger.");
  return heads.length === 1 && head && !trigger(head.type) ? head.id : null;
}
