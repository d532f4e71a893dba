/** What a flow reads of a customer and of its event, so that a form can ask for just that. Pure. */

import type { Graph } from "@/graph/document";

const TRAIT = /customer\.traits\.([A-Za-z_][A-Za-z0-9_]*)/g;
const PROPERTY = /event\.properties\.([A-Za-z_][A-Za-z0-9_]*)/g;

function found(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].flatMap((match) => match[1] ?? []))].sort();
}

/** Traits and properties by name, from conditions, texts and settings; switched-off steps read nothing. */
export function readsOf(graph: Graph): { traits: string[]; properties: string[] } {
  const configs = graph.nodes.filter((node) => !node.disabled).map((node) => node.config);
  const text = JSON.stringify([configs, graph.settings]);
  return { traits: found(text, TRAIT), properties: found(text, PROPERTY) };
}

/** The events that the flow's waits look for, each once, with the node that waits first. */
export function waitedEvents(graph: Graph): { event: string; node: string }[] {
  const seen = new Map<string, string>();
  for (const node of graph.nodes) {
    if (node.type !== "wait.event" || node.disabled) continue;
    const branches = Array.isArray(node.config.branches) ? node.config.branches : [];
    for (const branch of branches) {
      const event = branch && typeof branch === "object" && "event" in branch ? branch.event : "";
      if (typeof event === "string" && event && !seen.has(event)) seen.set(event, node.id);
    }
  }
  return [...seen].map(([event, node]) => ({ event, node }));
}

/** A typed value as people write one: 540, true, null, a list or an object are read as such, all else is text. */
export function readValue(text: string): unknown {
  const said = text.trim();
  if (!/^(-?\d|true$|false$|null$|[[{"])/.test(said)) return text;
  try {
    return JSON.parse(said);
  } catch {
    return text;
  }
}

/** The other way round. */
export function saidAs(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") return JSON.stringify(value);
  return typeof readValue(value) === "string" ? value : JSON.stringify(value);
}
