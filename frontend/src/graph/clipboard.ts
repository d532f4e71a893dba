/** Copies of parts of a graph: duplicate, and paste from another flow or from plain text. */

import type { Catalogue } from "./catalogue";
import { type Config, type Graph, isRecord, type Json, type Point, readGraph, withGroups } from "./document";
import { groupsOf, spread } from "./groups";
import { freshId, takenIds } from "./names";
import type { Change } from "./operations";
import { boxOf } from "./room";
import { CARD_W, GAP_X, snap } from "./size";

/** The chosen cards and notes with the edges among them, as a graph document of its own. */
export function part(graph: Graph, ids: Iterable<string>): Graph {
  const chosen = spread(graph, ids);
  const groups = groupsOf(graph).filter((group) => group.nodes.every((id) => chosen.has(id)));
  return {
    schema: 1,
    nodes: graph.nodes.filter((node) => chosen.has(node.id)),
    edges: graph.edges.filter((edge) => chosen.has(edge.source) && chosen.has(edge.target)),
    notes: graph.notes.filter((note) => chosen.has(note.id)),
    settings: {},
    ...(groups.length ? { groups } : {}),
  };
}

/** Text that another flow, or an editor of text, can take. */
export function copyText(graph: Graph, ids: Iterable<string>): string {
  return JSON.stringify(part(graph, ids), null, 2);
}

/** Reads pasted text; null when it is no graph document. An answer of the API that holds one is one, too. */
export function pastedGraph(text: string): Graph | null {
  const read = readPasted(text);
  return "graph" in read ? read.graph : null;
}

/** Reads pasted text: a graph, or the sentence that says why it is none. */
export function readPasted(text: string): { readonly graph: Graph } | { readonly problem: string } {
  const trimmed = text.trim();
  if (!trimmed) return { problem: "There is nothing to paste." };
  if (!/^[{[]/.test(trimmed))
    return { problem: "What you copied is text, not steps. Copy cards here, or a flow as JSON." };
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return { problem: "What you copied looks like a flow, but it is not whole. Copy all of it." };
  }
  const inner = isRecord(value) && isRecord(value.graph) ? value.graph : value;
  if (Array.isArray(inner) || !isRecord(inner) || !(Array.isArray(inner.nodes) || Array.isArray(inner.notes)))
    return { problem: "What you copied is JSON, but no flow: it has no “nodes”." };
  const graph = readGraph(inner);
  if (graph.nodes.length || graph.notes.length) return { graph };
  return { problem: "The flow that you copied has no steps." };
}

function retold(value: Json, ids: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") {
    return value.replace(/\bsteps\.([A-Za-z_][A-Za-z0-9_]*)/g, (whole, id: string) =>
      ids.has(id) ? `steps.${ids.get(id)}` : whole,
    );
  }
  if (Array.isArray(value)) return value.map((item) => retold(item, ids));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, retold(item, ids)]));
  }
  return value;
}

/**
 * Adds a copy of `source`, moved by `by`; expressions inside it follow the new ids. A copied split draws its own lots,
 * since its id is part of its salt (SEMANTICS 6.3).
 */
export function graft(graph: Graph, source: Graph, by: Point, label: string): Change {
  const taken = takenIds(graph);
  const ids = new Map<string, string>();
  const sourceGroups = groupsOf(source);
  for (const { id } of [...source.nodes, ...source.notes, ...sourceGroups]) {
    const fresh = freshId(id.replace(/_\d+$/, ""), taken);
    taken.add(fresh);
    ids.set(id, fresh);
  }
  const place = (at: Point | undefined) => snap({ x: (at?.x ?? 0) + by.x, y: (at?.y ?? 0) + by.y });
  const name = (id: string) => ids.get(id) ?? id;
  const nodes = source.nodes.map((node) => ({
    ...node,
    id: name(node.id),
    config: retold(node.config, ids) as Config,
    position: place(node.position),
  }));
  const edges = source.edges.map((edge) => {
    const id = freshId(edge.id.replace(/_\d+$/, ""), taken);
    taken.add(id);
    return { ...edge, id, source: name(edge.source), target: name(edge.target) };
  });
  const notes = source.notes.map((note) => ({ ...note, id: name(note.id), position: place(note.position) }));
  const groups = sourceGroups.map((group) => ({ ...group, id: name(group.id), nodes: group.nodes.map(name) }));
  const grown = {
    ...graph,
    nodes: [...graph.nodes, ...nodes],
    edges: [...graph.edges, ...edges],
    notes: [...graph.notes, ...notes],
  };
  return {
    label,
    graph: groups.length ? withGroups(grown, [...groupsOf(graph), ...groups]) : grown,
    select: [...source.nodes, ...source.notes].map(({ id }) => name(id)),
  };
}

/** A copy beside the original, in the first column that is free. */
export function duplicate(graph: Graph, catalogue: Catalogue, ids: Iterable<string>): Change {
  const source = part(graph, ids);
  const boxes = source.nodes.map((node) => boxOf(node, catalogue));
  const width = boxes.length
    ? Math.max(...boxes.map((box) => box.x + CARD_W)) - Math.min(...boxes.map((box) => box.x))
    : 240;
  const others = graph.nodes.map((node) => boxOf(node, catalogue));
  let by = width + GAP_X;
  const hits = () =>
    boxes.some((box) =>
      others.some((other) => Math.abs(other.x - box.x - by) < CARD_W && Math.abs(other.y - box.y) < 40),
    );
  while (hits()) by += CARD_W + GAP_X;
  const only = source.nodes.length === 1 ? source.nodes[0] : undefined;
  return graft(
    graph,
    source,
    { x: by, y: 0 },
    only ? `Duplicate ${only.name || only.type}` : `Duplicate ${source.nodes.length} steps`,
  );
}

/** Pastes a graph with its top left corner at `at`. */
export function paste(graph: Graph, source: Graph, at: Point): Change {
  const corners = [...source.nodes, ...source.notes].map(({ position }) => position ?? { x: 0, y: 0 });
  const left = Math.min(...corners.map(({ x }) => x));
  const top = Math.min(...corners.map(({ y }) => y));
  const count = source.nodes.length;
  return graft(
    graph,
    source,
    { x: at.x - left, y: at.y - top },
    count === 1 ? "Paste a step" : count ? `Paste ${count} steps` : "Paste a note",
  );
}
