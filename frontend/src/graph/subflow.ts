/** A branch becomes a flow of its own, which this one starts; and back. */

import { branchOf, entryOf, graftAt } from "./branches";
import type { Catalogue } from "./catalogue";
import { part } from "./clipboard";
import { type Config, type Graph, type GraphNode, type Json, withGroups } from "./document";
import { spread } from "./groups";
import { freshId, takenIds } from "./names";
import type { Change } from "./operations";
import { isTrigger, nodeOf } from "./reach";
import { boxOf } from "./room";
import { CARD_H, GAP_Y } from "./size";

export const START = "flow.start";
export const MANUAL = "trigger.manual";

/** The new flow's own drawing, its first step, and the step here that follows when it has ended. */
export interface Extracted {
  readonly part: Graph;
  readonly head: string;
  readonly next: string | null;
  /** Fields of the event that its steps read: the other flow is told them. */
  readonly told: readonly string[];
}

const STEPS = /\bsteps\.([A-Za-z_][A-Za-z0-9_]*)/g;
const FIELDS = /\bevent\.properties\.([A-Za-z_][A-Za-z0-9_]*)/g;

/** What the texts of a config name. */
function reads(value: Json, what: RegExp, into: Set<string>): Set<string> {
  if (typeof value === "string") for (const found of value.matchAll(what)) into.add(found[1] ?? "");
  else if (Array.isArray(value)) for (const item of value) reads(item, what, into);
  else if (value && typeof value === "object") for (const item of Object.values(value)) reads(item, what, into);
  return into;
}

/**
 * The chosen cards as a flow of their own, or the sentence that says why they cannot be one. What follows them here
 * waits until the other flow has ended, so it must be one step; and neither part may read a step of the other.
 */
export function extracted(graph: Graph, catalogue: Catalogue, ids: Iterable<string>): Extracted | { problem: string } {
  const chosen = spread(graph, ids);
  const cards = graph.nodes.filter(({ id }) => chosen.has(id));
  const inside = new Set(cards.map(({ id }) => id));
  if (!cards.length) return { problem: "Choose the steps that shall be a flow of their own." };
  if (cards.some((node) => isTrigger(node, catalogue.get(node.type))))
    return { problem: "The trigger stays here: choose only steps after it." };
  const heads = new Set(graph.edges.filter((e) => inside.has(e.target) && !inside.has(e.source)).map((e) => e.target));
  const free = cards.filter(({ id }) => !graph.edges.some((edge) => edge.target === id)).map(({ id }) => id);
  const [head] = [...heads, ...free];
  if (!head || heads.size + free.length > 1)
    return { problem: "The chosen steps have several beginnings: a flow has one. Choose one branch." };
  const follow = new Set(
    graph.edges.filter((edge) => inside.has(edge.source) && !inside.has(edge.target)).map((edge) => edge.target),
  );
  if (follow.size > 1)
    return {
      problem: "The chosen steps lead on to several others. Choose the whole branch, or up to where they meet.",
    };
  const named = new Set<string>();
  const told = new Set<string>();
  for (const node of cards) {
    reads(node.config as Json, STEPS, named);
    reads(node.config as Json, FIELDS, told);
  }
  const outside = graph.nodes.find(({ id }) => named.has(id) && !inside.has(id));
  if (outside)
    return { problem: `The chosen steps read “${outside.name || outside.id}”, which stays here. Choose it, too.` };
  const back = graph.nodes.find(
    (node) => !inside.has(node.id) && [...reads(node.config as Json, STEPS, new Set())].some((id) => inside.has(id)),
  );
  if (back)
    return { problem: `“${back.name || back.id}” stays here and reads one of the chosen steps. Choose it, too.` };
  return { part: part(graph, inside), head, next: [...follow][0] ?? null, told: [...told].sort() };
}

/** The document of the new flow: a trigger that other flows ring, and the branch below it. */
export function asFlow({ part: source, head }: Pick<Extracted, "part" | "head">, settings: Config): Graph {
  const id = freshId("started", takenIds(source));
  const at = source.nodes.find((node) => node.id === head)?.position ?? { x: 0, y: 0 };
  const trigger: GraphNode = {
    id,
    type: MANUAL,
    name: "Started by a flow",
    config: {},
    position: { x: at.x, y: at.y - CARD_H - GAP_Y },
  };
  const edge = { id: freshId(`${id}_out`, takenIds(source)), source: id, source_port: "out", target: head };
  return { ...source, nodes: [trigger, ...source.nodes], edges: [edge, ...source.edges], settings };
}

/** The branch gives way to one step that starts the flow it became. */
export function extract(graph: Graph, cut: Extracted, flow: string, name: string): Change {
  const { part: source, head, next, told } = cut;
  const gone = new Set(source.nodes.map(({ id }) => id));
  const first = nodeOf(graph, head);
  const left: Graph = {
    ...graph,
    nodes: graph.nodes.filter(({ id }) => !gone.has(id)),
    edges: graph.edges.filter((edge) => !gone.has(edge.source)),
    notes: graph.notes.filter((note) => !source.notes.some(({ id }) => id === note.id)),
  };
  const id = freshId("start", takenIds(graph));
  const node: GraphNode = {
    id,
    type: START,
    name: `Start ${name}`,
    config: {
      flow,
      ...(next ? { mode: "wait", timeout: "30d" } : {}),
      ...(told.length
        ? { properties: Object.fromEntries(told.map((each) => [each, `{{ event.properties.${each} }}`])) }
        : {}),
    },
    ...(first?.position ? { position: first.position } : {}),
  };
  const edges = left.edges.map((edge) => (gone.has(edge.target) ? { ...edge, target: id } : edge));
  if (next) edges.push({ id: freshId(`${id}_out`, takenIds(graph)), source: id, source_port: "out", target: next });
  return {
    label: `Make ${name} a flow of its own`,
    graph: withGroups({ ...left, nodes: [...left.nodes, node], edges }, graph.groups ?? []),
    select: [id],
  };
}

/**
 * Puts the steps of the started flow in the place of the step that starts it, or says why that cannot be. What follows
 * that step then follows the first open end of the steps.
 */
export function inline(
  graph: Graph,
  catalogue: Catalogue,
  id: string,
  other: Graph,
): Change | { readonly problem: string } {
  const node = nodeOf(graph, id);
  if (!node) return { problem: "This step is no longer there." };
  const triggers = other.nodes.filter((each) => isTrigger(each, catalogue.get(each.type)));
  const kept = other.nodes.filter((each) => !triggers.includes(each)).map((each) => each.id);
  const source = part(other, [...kept, ...other.notes.map((note) => note.id)]);
  const begins = new Set(other.edges.filter((e) => triggers.some((t) => t.id === e.source)).map((e) => e.target));
  const head = begins.size === 1 ? [...begins][0] : entryOf(source, catalogue);
  if (!head) return { problem: "The other flow has no step after its trigger, or several beginnings." };
  const before = graph.edges.filter((edge) => edge.target === id);
  const after = graph.edges.find((edge) => edge.source === id && edge.source_port === "out");
  const left: Graph = {
    ...graph,
    nodes: graph.nodes.filter((each) => each !== node),
    edges: graph.edges.filter((edge) => edge.source !== id && edge.target !== id),
  };
  const label = `Put the steps of “${node.name || id}” here`;
  const at = node.position ?? { x: 0, y: 0 };
  const grown = graftAt(left, catalogue, source, head, { kind: "point", at }, label);
  const [first] = [grown?.select?.[source.nodes.findIndex((each) => each.id === head)]];
  if (!grown || !first) return { problem: "The steps of the other flow cannot stand here." };
  const edges = before.map((edge) => ({ ...edge, target: first }));
  let next: Graph = { ...grown.graph, edges: [...grown.graph.edges, ...edges] };
  const branch = branchOf(next, first);
  const end =
    after &&
    [...branch].find((each) => !next.edges.some((edge) => edge.source === each) && ends(next, catalogue, each));
  if (after && end) {
    const follow = { ...after, source: end, source_port: "out" };
    next = { ...next, edges: [...next.edges, follow] };
    const bottom = Math.max(
      ...next.nodes
        .filter((each) => branch.has(each.id))
        .map((each) => boxOf(each, catalogue).y + boxOf(each, catalogue).h),
    );
    const target = nodeOf(next, after.target);
    const down = bottom + GAP_Y - (target?.position?.y ?? 0);
    if (down > 0) next = lower(next, branchOf(next, after.target), down);
  }
  return { label, graph: withGroups(next, next.groups ?? []), select: grown.select ?? [] };
}

function ends(graph: Graph, catalogue: Catalogue, id: string): boolean {
  const node = nodeOf(graph, id);
  return Boolean(node && catalogue.get(node.type)?.ports.some((port) => port.id === "out"));
}

function lower(graph: Graph, ids: ReadonlySet<string>, by: number): Graph {
  const nodes = graph.nodes.map((node) =>
    ids.has(node.id) ? { ...node, position: { x: node.position?.x ?? 0, y: (node.position?.y ?? 0) + by } } : node,
  );
  return { ...graph, nodes };
}
