/** From the counts of a flow to what the canvas draws over it. Pure. */

import { edgeLabel } from "@/canvas/model";
import type { EdgeOverlay, FootPart, NodeOverlay, Overlay } from "@/canvas/overlay";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph, GraphEdge, GraphNode } from "@/graph/document";
import { portsOf } from "@/graph/ports";
import { isSlim } from "@/graph/size";
import { duration } from "@/ui/time";
import { type Count, type Counts, many, median, NOTHING, type Unseen } from "./counts";
import { figure, percent } from "./numbers";

/** A share is drawn in steps that the eye can tell apart, so that one more entry does not draw every card. */
const STEPS = 250;
/** Kinds of nodes that choose among their ways out. */
const DECIDES: ReadonlySet<string> = new Set(["logic", "wait"]);

function shareOf(count: number, all: number): number {
  return all > 0 ? Math.min(1, Math.ceil((STEPS * count) / all) / STEPS) : 0;
}

function foot(node: GraphNode, catalogue: Catalogue, own: Count, ways: string): FootPart[] {
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

function nodeOverlay(
  node: GraphNode,
  catalogue: Catalogue,
  own: Count,
  share: number,
  unseen: number,
  ways: string,
): NodeOverlay {
  const entered = many(own, "entered");
  return {
    foot: foot(node, catalogue, own, ways),
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

/** "18% · 82%": how a node's ways out were taken. */
function split(ways: readonly (Count | undefined)[]): string {
  const out = ways.map((way) => many(way, "count"));
  const sum = out.reduce((total, count) => total + count, 0);
  if (out.length < 2 || !sum) return "";
  const shares = out.slice(0, 3).map((count) => percent(count, sum));
  return shares.join(" · ") + (out.length > 3 ? " …" : "");
}

interface CardPlan {
  readonly node: GraphNode;
  readonly subject: string;
  /** Its ways out, in the order of its ports, if it decides among them. */
  readonly ways: readonly string[];
}

interface EdgePlan {
  readonly id: string;
  readonly subject: string;
  /** Its source's ways out, if a share of them says something; else empty. */
  readonly siblings: readonly string[];
}

function plan(graph: Graph, catalogue: Catalogue): { cards: CardPlan[]; edges: EdgePlan[] } {
  const out = new Map<string, GraphEdge[]>();
  for (const edge of graph.edges) {
    const ways = out.get(edge.source);
    if (ways) ways.push(edge);
    else out.set(edge.source, [edge]);
  }
  const cards: CardPlan[] = [];
  const siblings = new Map<string, readonly string[]>();
  for (const node of graph.nodes) {
    const type = catalogue.get(node.type);
    const ports = portsOf(node, type);
    const place = (edge: GraphEdge) => ports.findIndex((port) => port.id === edge.source_port);
    const ways = (out.get(node.id) ?? []).sort((a, b) => place(a) - place(b));
    const subjects = ways.map((edge) => `edge:${edge.id}`);
    cards.push({ node, subject: `node:${node.id}`, ways: type?.kind === "logic" ? subjects : [] });
    if (!DECIDES.has(type?.kind ?? "")) continue;
    for (const edge of ways) {
      const port = ports[place(edge)];
      if (port && edgeLabel(port, ports)) siblings.set(edge.id, subjects);
    }
  }
  const edges = graph.edges.map(({ id }) => ({ id, subject: `edge:${id}`, siblings: siblings.get(id) ?? [] }));
  return { cards, edges };
}

interface Seen<Drawn> {
  /** The counts it was drawn from: its own, then those of its ways. */
  readonly from: readonly (Count | undefined)[];
  readonly share: number;
  readonly unseen: number;
  readonly drawn: Drawn;
}

function unchanged(
  before: Seen<unknown> | undefined,
  counts: Counts,
  subject: string,
  ways: readonly string[],
): boolean {
  return (
    before !== undefined &&
    before.from[0] === counts[subject] &&
    ways.every((way, at) => before.from[at + 1] === counts[way])
  );
}

export type Reader = (counts: Counts, unseen: Unseen) => Overlay;

/**
 * Reads the counts of one graph again and again. What stands as it stood keeps its identity, so that a delta costs what
 * it changes and not what the flow is large.
 */
export function createReader(graph: Graph, catalogue: Catalogue): Reader {
  const { cards, edges } = plan(graph, catalogue);
  const cardsSeen: Seen<NodeOverlay>[] = [];
  const edgesSeen: Seen<EdgeOverlay>[] = [];

  const readCard = ({ node, subject, ways }: CardPlan, at: number, counts: Counts, all: number, fresh: number) => {
    const own = counts[subject] ?? NOTHING;
    const share = shareOf(many(own, "entered"), all);
    const before = cardsSeen[at];
    if (before && before.share === share && before.unseen === fresh && unchanged(before, counts, subject, ways)) {
      return before.drawn;
    }
    const out = ways.map((way) => counts[way]);
    const drawn = nodeOverlay(node, catalogue, own, share, fresh, split(out));
    cardsSeen[at] = { from: [counts[subject], ...out], share, unseen: fresh, drawn };
    return drawn;
  };

  const readEdge = ({ subject, siblings }: EdgePlan, at: number, counts: Counts, all: number) => {
    const count = many(counts[subject], "count");
    const share = shareOf(count, all);
    const before = edgesSeen[at];
    if (before && before.share === share && unchanged(before, counts, subject, siblings)) return before.drawn;
    const out = siblings.map((way) => counts[way]);
    const sum = out.reduce((total, way) => total + many(way, "count"), 0);
    const value = count && siblings.length ? { value: percent(count, sum) } : {};
    const drawn: EdgeOverlay = count ? { share, ...value, count: figure(count) } : { share };
    edgesSeen[at] = { from: [counts[subject], ...out], share, unseen: 0, drawn };
    return drawn;
  };

  return (counts, unseen) => {
    const all = many(counts.run, "entered");
    const overlay = { nodes: {} as Record<string, NodeOverlay>, edges: {} as Record<string, EdgeOverlay> };
    cards.forEach((card, at) => {
      overlay.nodes[card.node.id] = readCard(card, at, counts, all, unseen[card.node.id] ?? 0);
    });
    edges.forEach((edge, at) => {
      overlay.edges[edge.id] = readEdge(edge, at, counts, all);
    });
    return overlay;
  };
}

export const countsOverlay = (graph: Graph, catalogue: Catalogue, counts: Counts, unseen: Unseen): Overlay =>
  createReader(graph, catalogue)(counts, unseen);
