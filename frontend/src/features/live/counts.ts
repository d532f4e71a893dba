/** From the counts of a flow to what the canvas draws over it, and to the totals. Pure. */

import { edgeLabel } from "@/canvas/model";
import type { EdgeOverlay, FootPart, NodeOverlay, Overlay } from "@/canvas/overlay";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph, GraphNode } from "@/graph/document";
import { portsOf } from "@/graph/ports";
import { isSlim } from "@/graph/size";
import { quantile } from "@/live/histogram";
import { duration } from "@/ui/time";
import { figure, percent } from "./numbers";

export type Count = Readonly<Record<string, number>>;
export type Counts = Readonly<Record<string, Count>>;
/** How many failures of each node nobody has looked at yet. */
export type Unseen = Readonly<Record<string, number>>;

export interface Totals {
  readonly moving: number;
  readonly waiting: number;
  readonly held: number;
  readonly active: number;
  readonly entered: number;
  readonly completed: number;
  readonly failed: number;
  readonly left: number;
}

const NONE: Count = {};
const many = (count: Count | undefined, metric: string): number => Math.max(0, count?.[metric] ?? 0);
/** A level may be counted down before it was counted up, by another version: below nothing is nothing. */
const nodeCount = (counts: Counts, id: string): Count => counts[`node:${id}`] ?? NONE;
const edgeCount = (counts: Counts, id: string): number => many(counts[`edge:${id}`], "count");

/** All who entered: what shares are shares of. */
function entries(counts: Counts): number {
  return many(counts.run, "entered");
}

export function totals(graph: Graph, catalogue: Catalogue, counts: Counts): Totals {
  const run = counts.run ?? NONE;
  let [waiting, held] = [0, 0];
  for (const node of graph.nodes) {
    const own = nodeCount(counts, node.id);
    const stopped = many(own, "held");
    held += stopped;
    if (catalogue.get(node.type)?.kind === "wait") waiting += Math.max(0, many(own, "inside") - stopped);
  }
  const active = many(run, "active");
  return {
    active,
    held,
    waiting,
    moving: Math.max(0, active - waiting - held),
    entered: many(run, "entered"),
    completed: many(run, "completed") + many(run, "goal"),
    failed: many(run, "failed"),
    left: many(run, "exited") + many(run, "cancelled") + many(run, "expired"),
  };
}

/** The middle of the times spent at a node, in milliseconds; null before anybody left it. */
export function median(own: Count): number | null {
  const spread: Record<string, number> = {};
  for (const [metric, count] of Object.entries(own)) if (/^d\d+$/.test(metric)) spread[metric.slice(1)] = count;
  const seconds = quantile(spread, 0.5);
  return seconds === null ? null : seconds * 1000;
}

/** What one node's overlay is made of; equal parts make equal overlays. */
interface Parts {
  readonly own: Count;
  /** Share of all entries, in steps that the eye can tell apart. */
  readonly share: number;
  readonly unseen: number;
  /** "18% · 82%" for a node with several ways out. */
  readonly ways: string;
}

const STEPS = 250;
/** Kinds of nodes that choose among their ways out. */
const DECIDES: ReadonlySet<string> = new Set(["logic", "wait"]);

function partsOf(counts: Counts, id: string, all: number, unseen: Unseen, ways: readonly string[]): Parts {
  const own = nodeCount(counts, id);
  const share = all ? Math.min(1, Math.ceil((STEPS * many(own, "entered")) / all) / STEPS) : 0;
  const out = ways.map((edge) => edgeCount(counts, edge));
  const sum = out.reduce((total, count) => total + count, 0);
  const shares = ways.length > 1 && sum > 0 ? out.slice(0, 3).map((count) => percent(count, sum)) : [];
  return { own, share, unseen: unseen[id] ?? 0, ways: shares.join(" · ") + (out.length > 3 && sum ? " …" : "") };
}

function foot(node: GraphNode, catalogue: Catalogue, { own, ways }: Parts): FootPart[] {
  const type = catalogue.get(node.type);
  const slim = isSlim(node.type, type);
  const wait = type?.kind === "wait";
  const held = many(own, "held");
  const inside = Math.max(0, many(own, "inside") - held);
  const done = many(own, "done");
  const failed = many(own, "failed");
  const parts: FootPart[] = [];
  if (inside) {
    const state = wait ? "waiting" : "running";
    parts.push({ glyph: state, tone: slim ? undefined : state, strong: figure(inside) });
  }
  if (held) parts.push({ glyph: "held", tone: "held", strong: figure(held) });
  // A slim card has room for one number: who is inside counts more than who was.
  if (done && !(slim && inside)) parts.push({ glyph: "check", text: figure(done) });
  if (failed) parts.push({ glyph: "failed", tone: "failed", strong: figure(failed) });
  if (!parts.length && !slim) parts.push({ text: "Nobody yet" });
  if (slim) return parts;
  const middle = type?.kind === "logic" || type?.kind === "trigger" ? null : median(own);
  const last = ways || (middle === null ? "" : `p50 ${duration(middle)}`);
  return last ? [...parts, { text: last, push: true }] : parts;
}

function nodeOverlay(node: GraphNode, catalogue: Catalogue, parts: Parts): NodeOverlay {
  const { own, share, unseen } = parts;
  const entered = many(own, "entered");
  return {
    foot: foot(node, catalogue, parts),
    volume: entered ? figure(entered) : "",
    share,
    ...(unseen
      ? {
          state: "failed" as const,
          pulse: true,
          badge: { text: figure(unseen), title: `${figure(unseen)} failed here lately. Choose the card to see who.` },
        }
      : {}),
  };
}

function edgeOverlay(count: number, all: number, siblings: number, branch: boolean): EdgeOverlay {
  if (!count) return { share: 0 };
  const share = all ? Math.min(1, Math.ceil((STEPS * count) / all) / STEPS) : 0;
  return branch ? { share, value: percent(count, siblings), count: figure(count) } : { share, count: figure(count) };
}

export type Reader = (counts: Counts, unseen: Unseen) => Overlay;

/**
 * Reads the counts of one graph again and again: what stands as it stood keeps its identity, so that a delta costs what
 * it changes and not what the flow is large.
 */
export function createReader(graph: Graph, catalogue: Catalogue): Reader {
  const out = new Map<string, string[]>();
  for (const edge of graph.edges) out.set(edge.source, [...(out.get(edge.source) ?? []), edge.id]);
  const ports = new Map(graph.nodes.map((node) => [node.id, portsOf(node, catalogue.get(node.type))] as const));
  const byId = new Map(graph.edges.map((edge) => [edge.id, edge]));
  for (const [id, ways] of out) {
    const order = (ports.get(id) ?? []).map((port) => port.id);
    const place = (edge: string) => order.indexOf(byId.get(edge)?.source_port ?? "");
    if (ways.length > 1) ways.sort((a, b) => place(a) - place(b));
  }
  const kinds = new Map(graph.nodes.map((node) => [node.id, catalogue.get(node.type)?.kind ?? ""] as const));
  const kind = (id: string) => kinds.get(id) ?? "";
  /** Ways that somebody is sent along by a decision: a share says something about these. */
  const branches = new Set(
    graph.edges
      .filter((edge) => {
        const all = ports.get(edge.source) ?? [];
        const port = all.find((each) => each.id === edge.source_port);
        return port && DECIDES.has(kind(edge.source)) && edgeLabel(port, all) !== "";
      })
      .map((edge) => edge.id),
  );
  const ways = (node: GraphNode) => {
    const all = out.get(node.id) ?? [];
    return kind(node.id) === "logic" ? all : [];
  };
  const nodesBefore = new Map<string, { parts: Parts; drawn: NodeOverlay }>();
  const edgesBefore = new Map<string, EdgeOverlay>();

  return (counts, unseen) => {
    const all = entries(counts);
    const nodes: Record<string, NodeOverlay> = {};
    for (const node of graph.nodes) {
      const parts = partsOf(counts, node.id, all, unseen, ways(node));
      const before = nodesBefore.get(node.id);
      const unchanged =
        before &&
        before.parts.own === parts.own &&
        before.parts.share === parts.share &&
        before.parts.unseen === parts.unseen &&
        before.parts.ways === parts.ways;
      const drawn = unchanged ? before.drawn : nodeOverlay(node, catalogue, parts);
      if (!unchanged) nodesBefore.set(node.id, { parts, drawn });
      nodes[node.id] = drawn;
    }
    const edges: Record<string, EdgeOverlay> = {};
    for (const edge of graph.edges) {
      const siblings = (out.get(edge.source) ?? []).reduce((sum, id) => sum + edgeCount(counts, id), 0);
      const drawn = edgeOverlay(edgeCount(counts, edge.id), all, siblings, branches.has(edge.id));
      const before = edgesBefore.get(edge.id);
      const kept =
        before && before.share === drawn.share && before.value === drawn.value && before.count === drawn.count;
      edges[edge.id] = kept ? before : drawn;
      if (!kept) edgesBefore.set(edge.id, drawn);
    }
    return { nodes, edges };
  };
}

export const countsOverlay = (graph: Graph, catalogue: Catalogue, counts: Counts, unseen: Unseen): Overlay =>
  createReader(graph, catalogue)(counts, unseen);
