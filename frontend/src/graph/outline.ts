/** The drawing as a list to read: what follows stands below, what branches off stands one level deeper. Pure. */

import type { Catalogue } from "./catalogue";
import type { Graph, GraphEdge, GraphNode } from "./document";
import { portsOf } from "./ports";

export interface OutlineRow {
  readonly node: GraphNode;
  /** From 1. */
  readonly level: number;
  /** The way by which one comes here, where it has a name. */
  readonly via: string;
  /** The step stands further up already: this row only leads there. */
  readonly again: boolean;
  /** No line leads here. */
  readonly loose: boolean;
}

/** A step, or a line that branches off, still to be written down. */
interface Visit {
  readonly id: string;
  readonly level: number;
  readonly via: string;
  readonly loose: boolean;
  /** It belongs to a chain whose steps have their places already. */
  readonly placed: boolean;
}

/** Rows from the trigger on, then those that nothing leads to. Every step has one row, and one more for each other line
 * that leads to it. */
export function outline(graph: Graph, catalogue: Catalogue): OutlineRow[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const leaving = new Map<string, GraphEdge[]>();
  const entered = new Set<string>();
  for (const edge of graph.edges) {
    if (!nodes.has(edge.source) || !nodes.has(edge.target)) continue;
    const list = leaving.get(edge.source);
    if (list) list.push(edge);
    else leaving.set(edge.source, [edge]);
    entered.add(edge.target);
  }
  const trigger = (node: GraphNode) => Boolean(catalogue.get(node.type)?.trigger);
  const starts = graph.nodes.filter(trigger);
  const others = graph.nodes.filter((node) => !trigger(node) && !entered.has(node.id));
  // A circle that nothing leads to has no beginning: its first step stands for it.
  const roots = [...starts, ...others, ...graph.nodes];
  const placed = new Set<string>();
  const rows: OutlineRow[] = [];
  // "out" and "done" go on; every other way branches off.
  const on = (edge: GraphEdge) => edge.source_port === "out" || edge.source_port === "done";
  /** What follows a step by its main ways has its place before what branches off on the way: who comes back from a branch
   * comes back to it. */
  const chain = (id: string): string[] => {
    const found: string[] = [];
    for (let at: string | undefined = id; at !== undefined && !placed.has(at); ) {
      placed.add(at);
      found.push(at);
      at = leaving.get(at)?.find(on)?.target;
    }
    return found;
  };
  for (const root of roots) {
    if (placed.has(root.id)) continue;
    const waiting: Visit[] = [{ id: root.id, level: 1, via: "", loose: !trigger(root), placed: false }];
    for (let at = waiting.pop(); at; at = waiting.pop()) {
      const { id, level, via, loose } = at;
      const node = nodes.get(id);
      if (!node) continue;
      if (!at.placed) {
        if (placed.has(id)) {
          rows.push({ node, level, via, again: true, loose });
          continue;
        }
        const [first, ...rest] = chain(id);
        const steps = rest.map((each): Visit => ({ id: each, level, via: "", loose: false, placed: true }));
        waiting.push(...steps.reverse(), { id: first ?? id, level, via, loose, placed: true });
        continue;
      }
      rows.push({ node, level, via, again: false, loose });
      const ports = portsOf(node, catalogue.get(node.type));
      const order = (edge: GraphEdge) => {
        const index = ports.findIndex((port) => port.id === edge.source_port);
        return index < 0 ? ports.length : index;
      };
      const out = [...(leaving.get(id) ?? [])].sort((a, b) => order(a) - order(b));
      const next = out.find(on);
      const asides = out.filter((edge) => edge !== next);
      // Where the chain ends at a step that stands elsewhere, a row leads there.
      const follower = waiting.at(-1);
      const back = next && !(follower?.placed && follower.id === next.target) ? [next] : [];
      for (const edge of [...asides, ...back].reverse()) {
        const port = ports.find((each) => each.id === edge.source_port);
        const main = on(edge) && edge === next;
        waiting.push({
          id: edge.target,
          level: main ? level : level + 1,
          via: main ? "" : port?.label || edge.source_port,
          loose: false,
          placed: false,
        });
      }
    }
  }
  return rows;
}
