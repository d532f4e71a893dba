/** Copies of parts of a graph: duplicate, and paste from another flow or from plain text. */

import type { Catalogue } from "./catalogue";
import { type Config, type Graph, type Json, type Point, readGraph } from "./document";
import { freshId, takenIds } from "./names";
import type { Change } from "./operations";
import { boxOf } from "./room";
import { CARD_W, GAP_X, snap } from "./size";

/** The chosen cards and notes with the edges among them, as a graph document of its own. */
export function part(graph: Graph, ids: Iterable<string>): Graph {
  const chosen = new Set(ids);
  return {
    schema: 1,
    nodes: graph.nodes.filter((node) => chosen.has(node.id)),
    edges: graph.edges.filter((edge) => chosen.has(edge.source) && chosen.has(edge.target)),
    notes: graph.notes.filter((note) => chosen.has(note.id)),
    settings: {},
  };
}

/** Text that another flow, or an editor of text, can take. */
export function copyText(graph: Graph, ids: Iterable<string>): string {
  return JSON.stringify(part(graph, ids), null, 2);
}

/** Reads pasted text; null when it is no graph document. */
export function pastedGraph(text: string): Graph | null {
  try {
    const graph = readGraph(JSON.parse(text));
    return graph.nodes.length || graph.notes.length ? graph : null;
  } catch {
    return null;
  }
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

/** Adds a copy of `source`, moved by `by`; expressions inside it follow the new ids. */
export function graft(graph: Graph, source: Graph, by: Point, label: string): Change {
  const taken = takenIds(graph);
  const ids = new Map<string, string>();
  for (const { id } of [...source.nodes, ...source.notes]) {
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
  return {
    label,
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...nodes],
      edges: [...graph.edges, ...edges],
      notes: [...graph.notes, ...notes],
    },
    select: [...ids.values()],
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
    only ? `Duplicate ${only.name || only.type}` : `Duplicate ${source.nodes.length} nodes`,
  );
}

/** Pastes a graph with its top left corner at `at`. */
export function paste(graph: Graph, source: Graph, at: Point): Change {
  const corners = [...source.nodes, ...source.notes].map(({ position }) => position ?? { x: 0, y: 0 });
  const left = Math.min(...corners.map(({ x }) => x));
  const top = Math.min(...corners.map(({ y }) => y));
  const count = source.nodes.length;
  return graft(graph, source, { x: at.x - left, y: at.y - top }, count === 1 ? "Paste a node" : `Paste ${count} nodes`);
}
