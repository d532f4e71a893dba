/** Two people edited one draft: their changes are joined node by node, and only what both touched is asked about. */

import { type Graph, type Json, same } from "./document";

type Item = { readonly id: string };

export interface Clash {
  readonly kind: "node" | "edge" | "note" | "settings";
  readonly id: string;
  readonly label: string;
}

export interface Merged {
  /** The union, with `mine` winning every clash. */
  readonly mine: Graph;
  /** The union, with `theirs` winning every clash. */
  readonly theirs: Graph;
  readonly clashes: readonly Clash[];
}

interface Both<T> {
  mine: T[];
  theirs: T[];
  clashes: string[];
}

function mergeItems<T extends Item>(base: readonly T[], mine: readonly T[], theirs: readonly T[]): Both<T> {
  const was = new Map(base.map((item) => [item.id, item]));
  const a = new Map(mine.map((item) => [item.id, item]));
  const b = new Map(theirs.map((item) => [item.id, item]));
  const result: Both<T> = { mine: [], theirs: [], clashes: [] };
  const keep = (left: T | undefined, right: T | undefined) => {
    if (left) result.mine.push(left);
    if (right) result.theirs.push(right);
  };
  for (const id of new Set([...a.keys(), ...b.keys(), ...was.keys()])) {
    const [before, left, right] = [was.get(id), a.get(id), b.get(id)];
    if (same(left, right)) keep(left, left);
    else if (same(before, left)) keep(right, right);
    else if (same(before, right)) keep(left, left);
    else {
      result.clashes.push(id);
      keep(left, right);
    }
  }
  return result;
}

/** An edge only lives between cards that are there, and a port leads to one place. */
function tidy(graph: Graph): Graph {
  const ids = new Set(graph.nodes.map((node) => node.id));
  const ports = new Set<string>();
  const edges = graph.edges.filter((edge) => {
    const port = `${edge.source} ${edge.source_port}`;
    if (!ids.has(edge.source) || !ids.has(edge.target) || ports.has(port)) return false;
    ports.add(port);
    return true;
  });
  return { ...graph, edges };
}

function settingsAsItems(settings: Graph["settings"]): (Item & { value: Json })[] {
  return Object.entries(settings).map(([id, value]) => ({ id, value }));
}

function asSettings(items: readonly (Item & { value: Json })[]): Graph["settings"] {
  return Object.fromEntries(items.map(({ id, value }) => [id, value]));
}

/** Both sides lead the same port to different places: a clash even when their edges have different ids. */
function portClashes(base: Graph, mine: Graph, theirs: Graph): string[] {
  const at = (graph: Graph) => new Map(graph.edges.map((edge) => [`${edge.source} ${edge.source_port}`, edge.target]));
  const [was, left, right] = [at(base), at(mine), at(theirs)];
  return [...left]
    .filter(
      ([port, target]) =>
        right.has(port) && right.get(port) !== target && was.get(port) !== target && was.get(port) !== right.get(port),
    )
    .map(([port]) => port.split(" ")[0] ?? "");
}

/** Three-way merge of what both started from, what is here, and what the server has. */
export function merge(base: Graph, mine: Graph, theirs: Graph): Merged {
  const nodes = mergeItems(base.nodes, mine.nodes, theirs.nodes);
  const edges = mergeItems(base.edges, mine.edges, theirs.edges);
  const notes = mergeItems(base.notes, mine.notes, theirs.notes);
  const settings = mergeItems(
    settingsAsItems(base.settings),
    settingsAsItems(mine.settings),
    settingsAsItems(theirs.settings),
  );
  const name = (id: string) => [...mine.nodes, ...theirs.nodes].find((node) => node.id === id)?.name || id;
  const clashing = new Set([...nodes.clashes, ...portClashes(base, mine, theirs)]);
  const clashes: Clash[] = [
    ...[...clashing].map((id): Clash => ({ kind: "node", id, label: name(id) })),
    ...edges.clashes.map((id): Clash => ({ kind: "edge", id, label: `the edge ${id}` })),
    ...notes.clashes.map((id): Clash => ({ kind: "note", id, label: "a note" })),
    ...settings.clashes.map((id): Clash => ({ kind: "settings", id, label: `the setting ${id}` })),
  ];
  const mineFirst = [...edges.mine].sort((a, b) => Number(theirs.edges.includes(a)) - Number(theirs.edges.includes(b)));
  const theirsFirst = [...edges.theirs].sort((a, b) => Number(mine.edges.includes(a)) - Number(mine.edges.includes(b)));
  return {
    mine: tidy({
      schema: 1,
      nodes: nodes.mine,
      edges: mineFirst,
      notes: notes.mine,
      settings: asSettings(settings.mine),
    }),
    theirs: tidy({
      schema: 1,
      nodes: nodes.theirs,
      edges: theirsFirst,
      notes: notes.theirs,
      settings: asSettings(settings.theirs),
    }),
    clashes,
  };
}
