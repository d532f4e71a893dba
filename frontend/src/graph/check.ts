/** What is wrong with a graph's structure, found at once while drawing. The server's validation adds what needs its knowledge. */

import type { Catalogue } from "./catalogue";
import type { Graph } from "./document";
import { portsOf, wantsEdge } from "./ports";
import { downstream, isTrigger } from "./reach";

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

function issue(code: string, severity: Severity, message: string, fix: string, node = ""): Issue {
  return { code, severity, message, fix, node, edge: "", field: "" };
}

/** Structural issues in the order of the graph; the codes are the server's, so that both lists join without doubles. */
export function checkStructure(graph: Graph, catalogue: Catalogue): Issue[] {
  const issues: Issue[] = [];
  const triggers = graph.nodes.filter((node) => isTrigger(node, catalogue.get(node.type)));
  if (graph.nodes.length && triggers.length === 0) {
    issues.push(issue("trigger_missing", "error", "Nothing starts this flow.", "Add a trigger, such as Event."));
  }
  const reached = downstream(
    graph,
    triggers.map((node) => node.id),
  );
  const used = new Set(graph.edges.map((edge) => `${edge.source} ${edge.source_port}`));
  for (const node of graph.nodes) {
    const type = catalogue.get(node.type);
    const name = node.name || type?.name || node.type;
    if (catalogue.size && !type) {
      issues.push(
        issue(
          "unknown_type",
          "error",
          `${name}: nothing here is called ${node.type}.`,
          "Delete it, or install its connector.",
          node.id,
        ),
      );
    }
    if (triggers.length && !reached.has(node.id)) {
      issues.push(
        issue("unreachable", "error", `${name} is never reached.`, "Connect a step before it, or delete it.", node.id),
      );
    }
    for (const port of portsOf(node, type)) {
      if (wantsEdge(port) && !used.has(`${node.id} ${port.id}`)) {
        const which =
          port.label && port.id !== "out" ? `${name}: “${port.label}” leads nowhere` : `${name} leads nowhere`;
        issues.push(
          issue("dead_end", "warning", `${which}, so the run ends here.`, "Add the next step, or an Exit.", node.id),
        );
      }
    }
  }
  return issues;
}

/** The client's instant answer replaces the server's older one for the codes it knows; everything else is kept. */
export function joinIssues(local: readonly Issue[], server: readonly Issue[], graph: Graph): Issue[] {
  const nodes = new Set(graph.nodes.map((node) => node.id));
  const key = (item: Issue) => `${item.severity} ${item.node} ${item.message}`;
  const known = server.filter((item) => !item.node || nodes.has(item.node));
  const codes = new Set(local.map((item) => `${item.code} ${item.node}`));
  const seen = new Set<string>();
  return [...known.filter((item) => !codes.has(`${item.code} ${item.node}`)), ...local].filter((item) => {
    const fresh = !seen.has(key(item));
    seen.add(key(item));
    return fresh;
  });
}

export function countIssues(issues: readonly Issue[]): { errors: number; warnings: number } {
  return {
    errors: issues.filter((item) => item.severity === "error").length,
    warnings: issues.filter((item) => item.severity === "warning").length,
  };
}
