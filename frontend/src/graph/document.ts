/** The graph document (what a marketer drew) as immutable values, exactly as it is saved and exported. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Config = { readonly [key: string]: Json };

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface GraphNode {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly config: Config;
  readonly position?: Point;
  /** Switched off: customers pass through by its first main way out. */
  readonly disabled?: true;
}

export interface GraphEdge {
  readonly id: string;
  readonly source: string;
  readonly source_port: string;
  readonly target: string;
}

export interface GraphNote {
  readonly id: string;
  readonly text: string;
  readonly position: Point;
  readonly size: { readonly w: number; readonly h: number };
  readonly color?: NoteColor;
}

export const NOTE_COLORS = ["yellow", "blue", "green", "pink", "grey"] as const;
export type NoteColor = (typeof NOTE_COLORS)[number];

/** Cards that belong together: a named frame around them, or one card in their place while it is collapsed. */
export interface GraphGroup {
  readonly id: string;
  readonly name: string;
  readonly nodes: readonly string[];
  readonly collapsed?: true;
}

export interface Graph {
  readonly schema: 1;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly notes: readonly GraphNote[];
  /** Only there where there is one. A card is in one group at most. */
  readonly groups?: readonly GraphGroup[];
  readonly settings: Config;
}

export const EMPTY: Graph = { schema: 1, nodes: [], edges: [], notes: [], settings: {} };

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function point(value: unknown): Point | undefined {
  if (!isRecord(value)) return undefined;
  const { x, y } = value;
  return Number.isFinite(x) && Number.isFinite(y) ? { x: Number(x), y: Number(y) } : undefined;
}

function readNode(value: unknown): GraphNode | null {
  if (!isRecord(value) || typeof value.id !== "string" || typeof value.type !== "string") return null;
  const position = point(value.position);
  return {
    id: value.id,
    type: value.type,
    name: typeof value.name === "string" ? value.name : "",
    config: isRecord(value.config) ? (value.config as Config) : {},
    ...(position ? { position } : {}),
    ...(value.disabled === true ? { disabled: true } : {}),
  };
}

function readEdge(value: unknown): GraphEdge | null {
  if (!isRecord(value)) return null;
  const { id, source, source_port: port = "out", target } = value;
  if (typeof id !== "string" || typeof source !== "string" || typeof target !== "string" || typeof port !== "string")
    return null;
  return { id, source, source_port: port, target };
}

function readNote(value: unknown): GraphNote | null {
  if (!isRecord(value) || typeof value.id !== "string") return null;
  const size = isRecord(value.size) ? value.size : {};
  return {
    id: value.id,
    text: typeof value.text === "string" ? value.text : "",
    position: point(value.position) ?? { x: 0, y: 0 },
    size: { w: Number(size.w) || 240, h: Number(size.h) || 120 },
    ...(NOTE_COLORS.includes(value.color as NoteColor) ? { color: value.color as NoteColor } : {}),
  };
}

function readGroup(value: unknown): GraphGroup | null {
  if (!isRecord(value) || typeof value.id !== "string") return null;
  return {
    id: value.id,
    name: typeof value.name === "string" ? value.name : "",
    nodes: list(value.nodes, (item) => (typeof item === "string" ? item : null)),
    ...(value.collapsed === true ? { collapsed: true } : {}),
  };
}

/** The graph with these groups: a card is in one at most, and a group holds cards that are there. */
export function withGroups(graph: Graph, groups: readonly GraphGroup[]): Graph {
  const left = new Set(graph.nodes.map(({ id }) => id));
  const kept = groups.flatMap((group) => {
    const nodes = group.nodes.filter((id) => left.delete(id));
    if (!nodes.length) return [];
    return [nodes.length === group.nodes.length ? group : { ...group, nodes }];
  });
  const { groups: _, ...rest } = graph;
  return kept.length ? { ...rest, groups: kept } : rest;
}

function list<T>(value: unknown, read: (item: unknown) => T | null): T[] {
  return Array.isArray(value) ? value.map(read).filter((item): item is T => item !== null) : [];
}

/** Reads any JSON value into a well-formed graph: twins, loose ends and nonsense are left out, so that pasting is safe. */
export function readGraph(value: unknown): Graph {
  if (!isRecord(value)) return EMPTY;
  const once = new Set<string>();
  const fresh = ({ id }: { id: string }) => !once.has(id) && Boolean(once.add(id));
  const nodes = list(value.nodes, readNode).filter(fresh);
  const ids = new Set(nodes.map((node) => node.id));
  const edges = list(value.edges, readEdge).filter(
    (edge) => fresh(edge) && ids.has(edge.source) && ids.has(edge.target),
  );
  const notes = list(value.notes, readNote).filter(fresh);
  const groups = list(value.groups, readGroup).filter(fresh);
  const settings = isRecord(value.settings) ? (value.settings as Config) : {};
  return withGroups({ schema: 1, nodes, edges, notes, settings }, groups);
}

/** Structural equality of JSON values; key order does not count, as it does not in the document. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => same(item, b[at]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

/** Whether two graphs are the same document; the order of nodes and edges has no meaning. */
export function sameGraph(a: Graph, b: Graph): boolean {
  if (a === b) return true;
  const sorted = (graph: Graph) => ({
    nodes: byId(graph.nodes),
    edges: byId(graph.edges),
    notes: byId(graph.notes),
    groups: byId((graph.groups ?? []).map((group) => ({ ...group, nodes: [...group.nodes].sort() }))),
    settings: graph.settings,
  });
  return same(sorted(a), sorted(b));
}

function byId<T extends { readonly id: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
}
