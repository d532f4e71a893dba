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
}

export interface Graph {
  readonly schema: 1;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly notes: readonly GraphNote[];
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
  };
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
  return { schema: 1, nodes, edges, notes, settings: isRecord(value.settings) ? (value.settings as Config) : {} };
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
    settings: graph.settings,
  });
  return same(sorted(a), sorted(b));
}

function byId<T extends { readonly id: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
}
