/** A small catalogue and graphs for tests. */

import fc from "fast-check";
import type { Catalogue, Kind, NodeType, Port } from "./catalogue";
import type { Graph, GraphEdge, GraphNode } from "./document";
import { portsOf } from "./ports";
import { validTargets } from "./reach";

const OUT: Port = { id: "out", label: "Then", kind: "main" };
const ERROR: Port = { id: "error", label: "Failed", kind: "error" };

function type(name: string, kind: Kind, ports: readonly Port[], part: Partial<NodeType> = {}): NodeType {
  return {
    type: name,
    name,
    category: "Logic",
    kind,
    icon: "bolt",
    help: "",
    schema: {},
    ports,
    summary: "",
    slim: false,
    trigger: false,
    effect: "internal",
    vendor: null,
    price: 0,
    ...part,
  };
}

export const CATALOGUE: Catalogue = new Map(
  [
    type("trigger.event", "trigger", [OUT], { trigger: true, name: "Event" }),
    type("branch", "logic", [{ id: "else", label: "Everyone else", kind: "main" }], { name: "Branch" }),
    type("wait.delay", "wait", [OUT], { slim: true, name: "For a time", summary: "Wait {for:duration}" }),
    type("slack.message", "message", [OUT, ERROR], { name: "Slack message", effect: "person" }),
    type("exit", "exit", [], { slim: true, name: "Exit" }),
  ].map((each) => [each.type, each]),
);

export function typeNamed(name: string): NodeType {
  const found = CATALOGUE.get(name);
  if (!found) throw new Error(`no ${name} in the test catalogue`);
  return found;
}

export function node(id: string, name: string, x = 0, y = 0, config: GraphNode["config"] = {}): GraphNode {
  return { id, type: name, name: id, config, position: { x, y } };
}

export function edge(source: string, port: string, target: string): GraphEdge {
  return { id: `${source}_${port}`, source, source_port: port, target };
}

export const CHAIN: Graph = {
  schema: 1,
  nodes: [
    node("start", "trigger.event", 0, 0),
    node("size", "branch", 0, 116, { cases: [{ id: "big", name: "Big", when: "customer.traits.employees > 100" }] }),
    node("alert", "slack.message", -280, 248),
    node("pause", "wait.delay", 0, 248, { for: "2d" }),
    node("end", "exit", 0, 328),
  ],
  edges: [
    edge("start", "out", "size"),
    edge("size", "big", "alert"),
    edge("size", "else", "pause"),
    edge("pause", "out", "end"),
  ],
  notes: [],
  settings: {},
};

const BODIES = ["branch", "wait.delay", "slack.message", "exit"] as const;

/** Any graph that the editor itself could have drawn: one trigger, no cycles, one edge a port. */
export const graphs: fc.Arbitrary<Graph> = fc
  .record({
    kinds: fc.array(fc.constantFrom(...BODIES), { minLength: 0, maxLength: 8 }),
    picks: fc.array(fc.nat(1000), { minLength: 24, maxLength: 24 }),
  })
  .map(({ kinds, picks }) => {
    const nodes = [
      node("start", "trigger.event", 0, 0),
      ...kinds.map((name, at) => node(`n${at}`, name, (at % 3) * 280, 116 * (at + 1), config(name))),
    ];
    let graph: Graph = { schema: 1, nodes, edges: [], notes: [], settings: {} };
    picks.forEach((pick) => {
      const source = nodes[pick % nodes.length];
      if (!source) return;
      const ports = portsOf(source, CATALOGUE.get(source.type));
      const port = ports[Math.floor(pick / 7) % Math.max(1, ports.length)];
      const targets = [...validTargets(graph, CATALOGUE, source.id)];
      const target = targets[Math.floor(pick / 3) % Math.max(1, targets.length)];
      const taken = graph.edges.some((item) => item.source === source.id && item.source_port === port?.id);
      if (port && target && !taken) graph = { ...graph, edges: [...graph.edges, edge(source.id, port.id, target)] };
    });
    return graph;
  });

function config(name: string): GraphNode["config"] {
  return name === "branch" ? { cases: [{ id: "a", name: "A", when: "true" }] } : {};
}

/** Ids once each, edges between cards that are there, one edge a port, no way back. */
export function faults(graph: Graph): string[] {
  const found: string[] = [];
  const ids = [...graph.nodes, ...graph.edges, ...graph.notes].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) found.push("an id stands twice");
  const nodes = new Set(graph.nodes.map(({ id }) => id));
  for (const item of graph.edges)
    if (!nodes.has(item.source) || !nodes.has(item.target)) found.push(`${item.id} dangles`);
  const ports = graph.edges.map((item) => `${item.source} ${item.source_port}`);
  if (new Set(ports).size !== ports.length) found.push("a port has two edges");
  const open = new Map<string, number>(
    graph.nodes.map(({ id }) => [id, graph.edges.filter((item) => item.target === id).length]),
  );
  const queue = [...open].filter(([, count]) => count === 0).map(([id]) => id);
  let seen = 0;
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    seen += 1;
    for (const item of graph.edges.filter((each) => each.source === id)) {
      const left = (open.get(item.target) ?? 0) - 1;
      open.set(item.target, left);
      if (left === 0) queue.push(item.target);
    }
  }
  if (seen < nodes.size) found.push("there is a circle");
  return found;
}
