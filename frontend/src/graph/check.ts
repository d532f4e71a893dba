/**
 * What is wrong with a graph's structure, found at once while drawing: the same codes and sentences as
 * `flowstudio.domain.validate`, whose answer to each save adds what needs the server's knowledge.
 */

import type { Catalogue, NodeType } from "./catalogue";
import type { Graph, GraphNode } from "./document";
import { portsOf, wantsEdge } from "./ports";
import { downstream } from "./reach";

export type Severity = "error" | "warning" | "hint";

export interface Issue {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly node: string;
  readonly edge: string;
  readonly field: string;
  readonly fix: string;
}

/** The codes that are judged here, as the server names them; its older answer about them is dropped. */
export const OWN: ReadonlySet<string> = new Set([
  "no_trigger",
  "many_triggers",
  "unreachable",
  "port_open",
  "dead_end",
]);

function issue(code: string, severity: Severity, message: string, fix: string, node = ""): Issue {
  return { code, severity, message, fix, node, edge: "", field: "" };
}

function openWays(node: GraphNode, type: NodeType | undefined, name: string, used: ReadonlySet<string>): Issue[] {
  if (!type) return []; // the server says that nobody knows it
  const ports = portsOf(node, type);
  return ports.flatMap((port) => {
    if (!wantsEdge(port) || used.has(`${node.id} ${port.id}`)) return [];
    if (type.trigger) {
      return [
        issue("port_open", "error", `Nothing follows “${name}”.`, "Add the first step with the + below it.", node.id),
      ];
    }
    if (ports.length > 1 && port.id === "out") return [];
    const message = `Customers who leave “${name}” by “${port.label || port.id}” end here.`;
    return [issue("dead_end", "hint", message, "Connect it, or add an Exit to say why they end.", node.id)];
  });
}

/** Structural issues in the order of the graph, linear in its size. */
export function checkStructure(graph: Graph, catalogue: Catalogue): Issue[] {
  const issues: Issue[] = [];
  const name = (node: GraphNode) => node.name || node.id;
  const triggers = graph.nodes.filter((node) => catalogue.get(node.type)?.trigger);
  if (triggers.length === 0) {
    const fix = "Drag a trigger onto the canvas and connect it to the first step.";
    issues.push(issue("no_trigger", "error", "Nothing starts this flow.", fix));
  }
  for (const extra of triggers.slice(1)) {
    const message = `“${name(extra)}” is a second trigger; a flow has one.`;
    issues.push(issue("many_triggers", "error", message, "Delete it, or move it to a flow of its own.", extra.id));
  }
  const reached = downstream(
    graph,
    triggers.map((node) => node.id),
  );
  const used = new Set(graph.edges.map((edge) => `${edge.source} ${edge.source_port}`));
  for (const node of graph.nodes) {
    if (triggers.length && !reached.has(node.id)) {
      const message = `No customer can ever reach “${name(node)}”.`;
      issues.push(issue("unreachable", "error", message, "Connect it to a step before it, or delete it.", node.id));
    }
    issues.push(...openWays(node, catalogue.get(node.type), name(node), used));
  }
  return issues;
}

/** The instant answer about structure, with everything else as the server last said it. */
export function joinIssues(local: readonly Issue[], server: readonly Issue[], graph: Graph): Issue[] {
  const ids = new Set([...graph.nodes, ...graph.edges].map(({ id }) => id));
  const there = (item: Issue) => (!item.node || ids.has(item.node)) && (!item.edge || ids.has(item.edge));
  return [...server.filter((item) => !OWN.has(item.code) && there(item)), ...local];
}

export function countIssues(issues: readonly Issue[]): { errors: number; warnings: number } {
  return {
    errors: issues.filter((item) => item.severity === "error").length,
    warnings: issues.filter((item) => item.severity === "warning").length,
  };
}
