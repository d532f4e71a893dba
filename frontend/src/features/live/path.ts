/** From one run to what the canvas draws of it: the way it took, and how it stands at each card. Pure. */

import type { Run, Step } from "@/api/models";
import { edgeLabel } from "@/canvas/model";
import type { EdgeOverlay, FootPart, NodeOverlay, Overlay } from "@/canvas/overlay";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph, GraphNode } from "@/graph/document";
import { portsOf } from "@/graph/ports";
import { isSlim } from "@/graph/size";
import { inOrder } from "@/live/useRun";
import type { State } from "@/ui/glyphs";
import { stepLook } from "@/ui/states";
import { clock, countdown, duration, money } from "@/ui/time";

export type RunPath = Pick<Run, "status" | "state" | "version"> & { steps: readonly Step[] };

/** The last step of each node, with the number of visits. */
export function lastSteps(steps: readonly Step[]): Map<string, { step: Step; visits: number }> {
  const last = new Map<string, { step: Step; visits: number }>();
  for (const step of inOrder(steps)) {
    last.set(step.node, { step, visits: (last.get(step.node)?.visits ?? 0) + 1 });
  }
  return last;
}

/** Share (0 to 1) of a wait that is over, or null when it has no end yet. */
export function progressOf(step: Step, now: number): number | null {
  if (step.status !== "waiting" || !step.due_at || step.left_at) return null;
  const [from, to] = [Date.parse(step.entered_at), Date.parse(step.due_at)];
  return to > from ? Math.min(1, Math.max(0, (now - from) / (to - from))) : 1;
}

const DAY = 86_400_000;

/** "3 d 07:41 left", "01:38:48 left", "due now". */
export function remaining(due: string, now: number): string {
  const left = Date.parse(due) - now;
  if (left <= 0) return "due now";
  return `${left < DAY ? countdown(left) : countdown(left).replace(/:\d\d$/, "")} left`;
}

const RESTING = new Set(["waiting", "retrying"]);

function foot(step: Step, slim: boolean, trigger: boolean, version: number, now: number): FootPart[] {
  const { state, word } = stepLook(step.status);
  const attempts = step.attempts.length;
  const tries: FootPart[] = attempts > 1 && !slim ? [{ glyph: "retry", text: `${attempts} attempts` }] : [];
  const cost: FootPart[] = step.cost && !slim ? [{ text: money(step.cost), push: true }] : [];
  if (trigger) {
    return [{ glyph: state }, { strong: clock(step.entered_at, now) }, { text: `v${version}`, push: true }];
  }
  if (!step.left_at && step.due_at && RESTING.has(step.status)) {
    const left = remaining(step.due_at, now);
    const glyph = step.status === "waiting" ? ("waiting" as const) : ("retry" as const);
    const said = step.status === "waiting" || left === "due now" ? left : `next try in ${left.replace(/ left$/, "")}`;
    return [{ glyph, tone: "waiting", strong: said }, ...cost];
  }
  if (!step.left_at) return [{ glyph: state, tone: state, strong: word }, ...tries, ...cost];
  const took = duration(Date.parse(step.left_at) - Date.parse(step.entered_at));
  if (step.status === "done") return [{ glyph: state }, { strong: took }, ...tries, ...cost];
  return [{ glyph: state, tone: state, strong: word }, ...tries, ...cost];
}

function nodeOverlay(
  node: GraphNode,
  catalogue: Catalogue,
  found: { step: Step; visits: number },
  version: number,
  now: number,
): NodeOverlay {
  const { step, visits } = found;
  const type = catalogue.get(node.type);
  const state: State = stepLook(step.status).state;
  const progress = progressOf(step, now);
  return {
    foot: foot(step, isSlim(node.type, type), Boolean(type?.trigger), version, now),
    ...(state === "draft" ? {} : { state }),
    ...(progress === null ? {} : { progress }),
    volume: visits > 1 ? `${visits}×` : "",
    share: 1,
  };
}

const LABEL = 34;

/** The reason that decided, short enough for an edge; the panel says it whole. */
export function shortReason(reason: string): string {
  const said = reason.trim().replace(/\.$/, "");
  return said.length > LABEL ? `${said.slice(0, LABEL - 1).trimEnd()}…` : said;
}

/** Edges the run went along, each with the steps that left by it, in order. A parallel block is left by all of them. */
export function takenEdges(graph: Graph, steps: readonly Step[]): Map<string, Step[]> {
  const byPort = new Map(graph.edges.map((edge) => [`${edge.source} ${edge.source_port}`, edge.id]));
  const forks = new Set(graph.nodes.filter((node) => node.type === "parallel").map((node) => node.id));
  const taken = new Map<string, Step[]>();
  for (const step of inOrder(steps)) {
    if (!step.left_at) continue;
    const edge = step.port ? byPort.get(`${step.node} ${step.port}`) : undefined;
    const arms =
      step.status === "done" && forks.has(step.node) ? graph.edges.filter((each) => each.source === step.node) : [];
    for (const id of edge ? [edge] : arms.map((each) => each.id)) taken.set(id, [...(taken.get(id) ?? []), step]);
  }
  return taken;
}

/** The way of a run: taken edges with the reason that chose them, everything else faded. */
export function pathOverlay(graph: Graph, catalogue: Catalogue, run: RunPath, now: number): Overlay {
  const last = lastSteps(run.steps);
  const taken = takenEdges(graph, run.steps);
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const nodes: Record<string, NodeOverlay> = {};
  for (const node of graph.nodes) {
    const found = last.get(node.id);
    nodes[node.id] = found ? nodeOverlay(node, catalogue, found, run.version, now) : { faded: true };
  }
  const edges: Record<string, EdgeOverlay> = {};
  for (const edge of graph.edges) {
    const steps = taken.get(edge.id);
    const reason = steps?.at(-1)?.reason;
    const source = byId.get(edge.source);
    const ports = source ? portsOf(source, catalogue.get(source.type)) : [];
    const port = ports.find((each) => each.id === edge.source_port);
    // All arms are taken, so nothing chose between them: they keep their names.
    const chosen = port && source?.type !== "parallel" && edgeLabel(port, ports) !== "";
    edges[edge.id] = steps
      ? {
          state: "taken",
          ...(reason && chosen ? { label: shortReason(reason) } : {}),
          ...(steps.length > 1 ? { value: `${steps.length}×` } : {}),
        }
      : { state: "faded" };
  }
  return { nodes, edges };
}

/** The node that a run stands at or ended at. */
export function standsAt(run: { node: { id: string } | null; steps: readonly Step[] }): string | null {
  return run.node?.id ?? inOrder(run.steps).at(-1)?.node ?? null;
}
