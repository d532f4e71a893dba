/** The ways out of a node, from its config: the mirror of each node type's `ports` on the server. */

import type { Catalogue, NodeType, Port } from "./catalogue";
import { type Config, type Graph, type GraphNode, isRecord, type Json } from "./document";
import { validId } from "./names";

const OUT: readonly Port[] = [{ id: "out", label: "", kind: "main" }];
const NONE: readonly Port[] = [];

/** The rows that name a way out; `label` is what the first of `fields` says, or "Case 2" for the second row. */
function named(config: Config, list: string, word: string, ...fields: string[]): { id: string; label: string }[] {
  const items: Json | undefined = config[list];
  if (!Array.isArray(items)) return [];
  return items.filter(isRecord).flatMap((item, at) => {
    const id = typeof item.id === "string" && validId(item.id) ? item.id : "";
    const label = fields.map((field) => item[field]).find(Boolean);
    const kind = list === "branches" && item.when ? "Condition" : word;
    return id ? [{ id, label: label ? String(label) : `${kind} ${at + 1}` }] : [];
  });
}

function unique(ports: Port[]): Port[] {
  return ports.filter((port, at) => ports.findIndex((other) => other.id === port.id) === at);
}

type Rule = (config: Config) => readonly Port[];

const RULES: Readonly<Record<string, Rule>> = {
  branch: (config) => [
    ...named(config, "cases", "Case", "name").map((row): Port => ({ ...row, kind: "side" })),
    { id: "else", label: "Everyone else", kind: "main" },
  ],
  split: (config) => named(config, "arms", "Arm", "name").map((row): Port => ({ ...row, kind: "side" })),
  parallel: (config) => named(config, "arms", "Arm", "name").map((row): Port => ({ ...row, kind: "main" })),
  join: (config) =>
    typeof config.timeout === "string" && config.timeout.trim()
      ? [
          { id: "out", label: "In time", kind: "main" },
          { id: "timeout", label: "Timeout", kind: "side" },
        ]
      : [{ id: "out", label: "Then", kind: "main" }],
  "flow.start": (config) =>
    config.mode === "wait"
      ? [
          { id: "out", label: "Ended", kind: "main" },
          { id: "timeout", label: "Timeout", kind: "side" },
        ]
      : [{ id: "out", label: "Then", kind: "main" }],
  "wait.event": (config) => [
    ...named(config, "branches", "Event", "name", "event").map((row): Port => ({ ...row, kind: "main" })),
    { id: "timeout", label: "Timeout", kind: "side" },
  ],
  "wait.until": (config) => {
    const kind = config.kind ?? "days";
    const ports: Port[] = [{ id: "out", label: "Then", kind: "main" }];
    if (config.past === "branch" && (kind === "days" || kind === "date"))
      ports.push({ id: "past", label: "Over already", kind: "side" });
    if (kind === "date") ports.push({ id: "error", label: "No date", kind: "error" });
    return ports;
  },
  // A collapsed group (`groups.ts`): the ways out of the cards it stands for.
  "folded group": (config) => (Array.isArray(config.ports) ? config.ports : NONE) as readonly Port[],
};

/** A message may have a way of its own for those who did not get it. */
function withNotDelivered(ports: readonly Port[], config: Config): readonly Port[] {
  if (config.not_delivered !== true || ports.some((port) => port.id === "not_delivered")) return ports;
  const at = ports.findIndex((port) => port.kind === "error");
  const way: Port = { id: "not_delivered", label: "not delivered", kind: "side" };
  return at < 0 ? [...ports, way] : [...ports.slice(0, at), way, ...ports.slice(at)];
}

/** Every port a node offers now. An unknown type keeps the ports its edges use, so that nothing drawn is lost. */
export function portsOf(node: Pick<GraphNode, "type" | "config">, type: NodeType | undefined): readonly Port[] {
  const rule = RULES[node.type];
  if (rule) return unique([...rule(node.config)]);
  if (type) return type.effect === "person" ? withNotDelivered(type.ports, node.config) : type.ports;
  return node.type === "goal" || node.type === "exit" ? NONE : OUT;
}

export function portLabel(graph: Graph, catalogue: Catalogue, nodeId: string, portId: string): string {
  const node = graph.nodes.find((item) => item.id === nodeId);
  if (!node) return "";
  return portsOf(node, catalogue.get(node.type)).find((port) => port.id === portId)?.label ?? portId;
}

/** Ports that must lead somewhere: error ports may stay open (SEMANTICS 0.2, 10.6). */
export function wantsEdge(port: Port): boolean {
  return port.kind !== "error" && port.id !== "not_found";
}

/**
 * Where each port sits on the bottom border, as a share of the card's width.
 *
 * The port whose target stands straight below is the main one, at 50 %; those left of it take 20 % and on, those right
 * of it end at 80 %, in the order of their targets, so that branches leave without crossing. `offsets` is how far each
 * port's target lies to the side, null while the port is open.
 */
export function placePorts(offsets: readonly (number | null)[]): number[] {
  const count = offsets.length;
  if (count === 1) return [0.5];
  const keys = offsets.map((offset, at) => offset ?? neighbour(offsets, at));
  const order = keys.map((_, at) => at).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  const straight = offsets
    .map((offset, at) => ({ at, off: offset === null ? Number.POSITIVE_INFINITY : Math.abs(offset) }))
    .filter(({ off }) => off <= 62)
    .sort((a, b) => a.off - b.off)[0];
  const places = new Array<number>(count).fill(0.5);
  const pivot = straight
    ? order.indexOf(straight.at)
    : count === 2 || !offsets.every((o) => o === null)
      ? -1
      : mainFirst(count);
  order.forEach((port, rank) => {
    if (pivot < 0) places[port] = 0.2 + (0.6 * rank) / (count - 1);
    else if (rank < pivot) places[port] = 0.2 + (0.3 * rank) / pivot;
    else if (rank > pivot) places[port] = 0.8 - (0.3 * (count - 1 - rank)) / (count - 1 - pivot);
  });
  return places;
}

/**
 * Where a node's ports sit. While nothing is connected, the ways that must lead on share the border as if they were
 * alone, and those that may stay open stand at its right end.
 */
export function sharesOf(ports: readonly Port[], offsets: readonly (number | null)[]): number[] {
  const wanted = ports.filter(wantsEdge).length;
  if (wanted === 0 || wanted === ports.length || offsets.some((offset) => offset !== null)) return placePorts(offsets);
  const main = placePorts(new Array<null>(wanted).fill(null));
  const rest = ports.length - wanted;
  let [nextMain, nextRest] = [0, 0];
  return ports.map((port) =>
    wantsEdge(port) ? (main[nextMain++] ?? 0.5) : (wanted === 1 ? 0.8 : 0.95) - 0.15 * (rest - 1 - nextRest++),
  );
}

/** With nothing connected yet, three and more ports spread around the middle one. */
function mainFirst(count: number): number {
  return Math.floor((count - 1) / 2);
}

/** An open port stays beside its connected neighbour in the author's order. */
function neighbour(offsets: readonly (number | null)[], at: number): number {
  for (let step = 1; step < offsets.length; step++) {
    const before = offsets[at - step];
    if (before !== null && before !== undefined) return before + step * 0.01;
    const after = offsets[at + step];
    if (after !== null && after !== undefined) return after - step * 0.01;
  }
  return at;
}
