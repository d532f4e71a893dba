/** A simulated path as the canvas draws it, up to one of its steps. Pure. */

import { edgeLabel } from "@/canvas/model";
import type { EdgeOverlay, FootPart, NodeOverlay, Overlay } from "@/canvas/overlay";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph, GraphNode } from "@/graph/document";
import { portsOf } from "@/graph/ports";
import { isSlim } from "@/graph/size";
import { stepLook } from "@/ui/states";
import { clock, money } from "@/ui/time";
import type { SimulatedStep } from "./question";

const LABEL = 34;

/** Short enough for an edge or a footer; the panel says it whole. */
export function short(reason: string, most = LABEL): string {
  const said = reason.trim().replace(/\.$/, "");
  return said.length > most ? `${said.slice(0, most - 1).trimEnd()}…` : said;
}

/** Whether a step lasts: a wait, or a call that was held. */
export function lasts(step: SimulatedStep): boolean {
  return step.left_at === null || Date.parse(step.left_at) - Date.parse(step.entered_at) >= 60_000;
}

/** "not sent" for a message, else the cost, else "assumed" for an answer that nobody chose. */
export function aside(step: SimulatedStep, effect: string): string {
  if (effect === "person") return "not sent";
  if (step.cost) return money(step.cost);
  return step.assumed ? "assumed" : "";
}

/** Why it went on, as a sentence begins; that an answer is assumed is told beside it. */
export function why(step: SimulatedStep): string {
  const said = step.sentence.replace(/^(assumed|chosen): /, "");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function footOf(step: SimulatedStep, node: GraphNode, catalogue: Catalogue, now: number): FootPart[] {
  const type = catalogue.get(node.type);
  const { state } = stepLook(step.status);
  if (lasts(step)) {
    const until = step.left_at ? `to ${clock(step.left_at, now)}` : "still there";
    return [{ glyph: "waiting", strong: until }];
  }
  if (isSlim(node.type, type)) return [{ strong: clock(step.entered_at, now) }];
  const said = aside(step, type?.effect ?? "internal");
  return [
    ...(step.status === "failed" ? [{ glyph: state, tone: state } as const] : []),
    { strong: clock(step.entered_at, now) },
    ...(step.sentence && !type?.trigger ? [{ text: short(why(step), 22) }] : []),
    ...(said ? [{ text: said, push: true }] : []),
  ];
}

/** The cards and edges that the path has reached at step `at` (an index); everything else is faded. */
export function overlayOf(
  graph: Graph,
  catalogue: Catalogue,
  steps: readonly SimulatedStep[],
  at: number,
  now: number,
): Overlay {
  const reached = steps.slice(0, at + 1);
  const last = new Map<string, { step: SimulatedStep; visits: number }>();
  for (const step of reached) last.set(step.node, { step, visits: (last.get(step.node)?.visits ?? 0) + 1 });
  // The line that leaves the present card is drawn with the next step; the last one leaves nothing open.
  const gone = at >= steps.length - 1 ? reached : reached.slice(0, -1);
  const taken = new Map<string, SimulatedStep[]>();
  for (const step of gone) for (const edge of step.edges) taken.set(edge, [...(taken.get(edge) ?? []), step]);
  const nodes: Record<string, NodeOverlay> = {};
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  for (const node of graph.nodes) {
    const found = last.get(node.id);
    if (!found) {
      nodes[node.id] = { faded: true };
      continue;
    }
    const { state } = stepLook(found.step.status);
    nodes[node.id] = {
      foot: footOf(found.step, node, catalogue, now),
      ...(state === "draft" ? {} : { state }),
      volume: found.visits > 1 ? `${found.visits}×` : "",
      share: 1,
    };
  }
  const edges: Record<string, EdgeOverlay> = {};
  for (const edge of graph.edges) {
    const along = taken.get(edge.id);
    if (!along) {
      edges[edge.id] = { state: "faded" };
      continue;
    }
    const source = byId.get(edge.source);
    const ports = source ? portsOf(source, catalogue.get(source.type)) : [];
    const port = ports.find((each) => each.id === edge.source_port);
    const chosen = port !== undefined && edgeLabel(port, ports) !== "" && along.at(-1)?.edges.length === 1;
    const said = along.at(-1)?.sentence.replace(/^(assumed|chosen): /, "");
    edges[edge.id] = {
      state: "taken",
      ...(said && chosen ? { label: short(said) } : {}),
      ...(along.length > 1 ? { value: `${along.length}×` } : {}),
    };
  }
  return { nodes, edges };
}

/** The day of a step, counted from 1: "day 3 of 8". */
export function dayOf(begin: string, at: string): number {
  return Math.floor((Date.parse(at) - Date.parse(begin)) / 86_400_000) + 1;
}
