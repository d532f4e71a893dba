/** What one press can do about an issue: a named change of the graph, or null where only its author can know. Pure. */

import type { Catalogue } from "./catalogue";
import type { Issue } from "./check";
import type { Config, Graph, Json } from "./document";
import { addNode, type Change, configure, remove } from "./operations";
import { portsOf } from "./ports";

export interface Mend {
  /** What the button says. */
  readonly verb: string;
  readonly change: Change;
}

/** The index in a place such as "cases.2.when". */
function indexIn(field: string, list: string): number | null {
  const found = new RegExp(`^${list}\\.(\\d+)`).exec(field);
  return found ? Number(found[1]) : null;
}

function without(
  graph: Graph,
  catalogue: Catalogue,
  issue: Issue,
  list: "cases" | "branches",
  verb: string,
): Mend | null {
  const node = graph.nodes.find(({ id }) => id === issue.node);
  const at = indexIn(issue.field, list);
  const rows = node?.config[list];
  if (!node || at === null || !Array.isArray(rows) || rows.length < 2 || at >= rows.length) return null;
  const config: Config = { ...node.config, [list]: rows.filter((_, index) => index !== at) };
  return { verb, change: { ...configure(graph, catalogue, node.id, config, list), label: verb } };
}

/** A case that an earlier one takes away is asked before it. */
function sooner(graph: Graph, catalogue: Catalogue, issue: Issue): Mend | null {
  const node = graph.nodes.find(({ id }) => id === issue.node);
  const at = indexIn(issue.field, "cases");
  const cases = node?.config.cases;
  if (!node || !at || !Array.isArray(cases) || !/ takes all of them before it\.$/.test(issue.message)) return null;
  const moved = [cases[at] as Json, ...cases.filter((_, index) => index !== at)];
  const verb = "Ask it first";
  return {
    verb,
    change: { ...configure(graph, catalogue, node.id, { ...node.config, cases: moved }, "cases"), label: verb },
  };
}

function set(graph: Graph, catalogue: Catalogue, issue: Issue, name: string, value: Json, verb: string): Mend | null {
  const node = graph.nodes.find(({ id }) => id === issue.node);
  if (!node) return null;
  return {
    verb,
    change: { ...configure(graph, catalogue, node.id, { ...node.config, [name]: value }, name), label: verb },
  };
}

function withExit(graph: Graph, catalogue: Catalogue, issue: Issue, error: boolean): Mend | null {
  const node = graph.nodes.find(({ id }) => id === issue.node);
  const exit = catalogue.get("exit");
  if (!node || !exit) return null;
  const used = new Set(graph.edges.filter(({ source }) => source === node.id).map(({ source_port }) => source_port));
  const open = portsOf(node, catalogue.get(node.type)).filter(
    (port) => !used.has(port.id) && (port.kind === "error") === error,
  );
  const named = open.filter((port) => issue.message.includes(`“${port.label || port.id}”`));
  const port = error ? open[0] : (named[0] ?? (open.length === 1 ? open[0] : undefined));
  if (!port) return null;
  const verb = error ? "Add an Exit for failures" : "Add an Exit";
  return {
    verb,
    change: { ...addNode(graph, catalogue, exit, { kind: "port", node: node.id, port: port.id }), label: verb },
  };
}

/** The one-press mend of an issue. */
export function mendOf(issue: Issue, graph: Graph, catalogue: Catalogue): Mend | null {
  const drop = (id: string, verb: string): Mend | null => {
    const there = [...graph.nodes, ...graph.edges].some((item) => item.id === id);
    return there ? { verb, change: { ...remove(graph, catalogue, [id]), label: verb } } : null;
  };
  switch (issue.code) {
    case "dangling_edge":
    case "double_edge":
    case "unknown_port":
    case "edge_to_trigger":
      return drop(issue.edge, "Delete the line");
    case "many_triggers":
    case "unreachable":
      return drop(issue.node, "Delete the step");
    case "message_twice":
      return drop(issue.node, "Delete this message");
    case "case_repeated":
      return without(graph, catalogue, issue, "cases", "Delete the case");
    case "case_never":
      return sooner(graph, catalogue, issue) ?? without(graph, catalogue, issue, "cases", "Delete the case");
    case "wait_never":
      return without(graph, catalogue, issue, "branches", "Delete the branch");
    case "wait_without_timeout":
      return set(graph, catalogue, issue, issue.field === "for" ? "for" : "timeout", "5d", "Wait 5 days at most");
    case "email_without_recipient":
      return set(graph, catalogue, issue, "to", "{{ customer.email }}", "Write to the customer");
    case "error_port_open":
      return withExit(graph, catalogue, issue, true);
    case "dead_end":
      return withExit(graph, catalogue, issue, false);
    case "held_too_long": {
      const quiet = graph.settings.quiet_hours;
      if (!quiet || typeof quiet !== "object" || Array.isArray(quiet)) return null;
      const verb = "Hold them for a day";
      const settings = { ...graph.settings, quiet_hours: { ...quiet, max_hold: "24h" } };
      return { verb, change: { label: verb, graph: { ...graph, settings } } };
    }
    default:
      return null;
  }
}
