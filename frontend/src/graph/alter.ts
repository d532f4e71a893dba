/** Changes to cards and lines that stay where they are: another type, switched off, led elsewhere. */

import { type Catalogue, cardName, type NodeType, startingConfig } from "./catalogue";
import { type Config, type Graph, type GraphNode, type Json, same } from "./document";
import { freshId, takenIds } from "./names";
import type { Change } from "./operations";
import { portsOf, wantsEdge } from "./ports";
import { edgeAt, isTrigger, nodeOf, validTargets } from "./reach";
import { makeRoom } from "./room";
import { heightOf } from "./size";

const FIXED = new Set(["parallel", "join", "repeat"]);

/** All but triggers and what shapes the run: the mirror of `flowstudio.domain.switched_off`. */
export function maySwitchOff(node: GraphNode, catalogue: Catalogue): boolean {
  return !isTrigger(node, catalogue.get(node.type)) && !FIXED.has(node.type);
}

/** Switches cards off, or on again when all of them are off. */
export function switchOff(graph: Graph, catalogue: Catalogue, ids: Iterable<string>): Change | null {
  const chosen = new Set(ids);
  const nodes = graph.nodes.filter((node) => chosen.has(node.id) && maySwitchOff(node, catalogue));
  if (!nodes.length) return null;
  const on = nodes.every((node) => node.disabled);
  const those = new Set(nodes);
  const [first] = nodes;
  const what = nodes.length === 1 ? first?.name || first?.type : `${nodes.length} steps`;
  return {
    label: `Switch ${on ? "on" : "off"} ${what}`,
    graph: {
      ...graph,
      nodes: graph.nodes.map((node) => {
        if (!those.has(node)) return node;
        const { disabled: _, ...rest } = node;
        return on ? rest : { ...rest, disabled: true };
      }),
    },
  };
}

/** Values of the old form that the new one has a field for. */
function keptConfig(old: Config, before: NodeType | undefined, type: NodeType): Config {
  const config: Record<string, Json> = { ...startingConfig(type) };
  const [was, is] = [before?.schema.properties ?? {}, type.schema.properties ?? {}];
  for (const [name, value] of Object.entries(old)) {
    const [left, right] = [was[name], is[name]];
    if (!left || !right) continue;
    if (left["x-widget"] === right["x-widget"] && same(left.type ?? null, right.type ?? null)) config[name] = value;
  }
  return config;
}

/** Which new port each old one becomes: the same by name, else main for main and error for error, in their order. */
export function portMap(
  before: readonly { id: string; kind: string }[],
  after: readonly { id: string; kind: string }[],
): Map<string, string> {
  const map = new Map<string, string>();
  const free = new Set(after.map(({ id }) => id));
  for (const { id } of before) {
    if (free.delete(id)) map.set(id, id);
  }
  for (const { id, kind } of before) {
    if (map.has(id)) continue;
    const next = after.find((port) => free.has(port.id) && (port.kind === "error") === (kind === "error"));
    if (next && free.delete(next.id)) map.set(id, next.id);
  }
  return map;
}

/**
 * Makes a card one of another type. Its id, place and lines stay, so that everything that leads to it or reads its
 * output still does; a way out that the new type does not have is lost.
 */
export function replaceNode(graph: Graph, catalogue: Catalogue, id: string, type: NodeType): Change | null {
  const node = nodeOf(graph, id);
  const before = node && catalogue.get(node.type);
  if (!node || node.type === type.type) return null;
  if (isTrigger(node, before) !== type.trigger) return null;
  const config = keptConfig(node.config, before, type);
  const plain = !node.name || node.name === node.type || (before && node.name === cardName(before));
  const next: GraphNode = { ...node, type: type.type, name: plain ? cardName(type) : node.name, config };
  const ports = portMap(portsOf(node, before), portsOf(next, type));
  const edges = graph.edges.flatMap((edge) => {
    if (edge.source !== id) return [edge];
    const port = ports.get(edge.source_port);
    return port === undefined ? [] : [port === edge.source_port ? edge : { ...edge, source_port: port }];
  });
  const nodes = graph.nodes.map((item) => (item === node ? next : item));
  const grown = heightOf(type.type, type) > heightOf(node.type, before);
  const changed: Graph = { ...graph, nodes, edges };
  const below = edges.filter((edge) => edge.source === id).map((edge) => edge.target);
  return {
    label: `Replace ${node.name || node.type} with ${type.name}`,
    graph:
      grown && node.position
        ? below.reduce<Graph>(
            (each, target) => makeRoom(each, catalogue, node.position ?? { x: 0, y: 0 }, type.type, target),
            changed,
          )
        : changed,
    select: [id],
  };
}

export interface End {
  readonly source?: string;
  readonly port?: string;
  readonly target?: string;
}

/** Leads an edge elsewhere, or lets it begin at another port. The edge stays the same edge. */
export function reconnect(graph: Graph, catalogue: Catalogue, id: string, end: End): Change | null {
  const edge = graph.edges.find((item) => item.id === id);
  if (!edge) return null;
  const source = end.source ?? edge.source;
  const port = end.port ?? (end.source && end.source !== edge.source ? "out" : edge.source_port);
  const target = end.target ?? edge.target;
  if (source === edge.source && port === edge.source_port && target === edge.target) return null;
  const node = nodeOf(graph, source);
  const left: Graph = { ...graph, edges: graph.edges.filter((item) => item !== edge) };
  if (!node || !validTargets(left, catalogue, source).has(target)) return null;
  if (!portsOf(node, catalogue.get(node.type)).some((item) => item.id === port)) return null;
  const taken = edgeAt(left, source, port);
  const moved = { ...edge, source, source_port: port, target };
  const name = nodeOf(graph, end.target === undefined ? source : target)?.name ?? "";
  return {
    label: end.target === undefined ? `Begin at ${name || source}` : `Lead to ${name || target}`,
    graph: {
      ...graph,
      edges: graph.edges.filter((item) => item !== taken).map((item) => (item === edge ? moved : item)),
    },
    select: [id],
  };
}

/** Joins cards in the order in which they stand: each one's first open way leads to the next. */
export function chain(graph: Graph, catalogue: Catalogue, ids: Iterable<string>): Change | null {
  const chosen = new Set(ids);
  const nodes = graph.nodes
    .filter((node) => chosen.has(node.id))
    .sort((a, b) => (a.position?.y ?? 0) - (b.position?.y ?? 0) || (a.position?.x ?? 0) - (b.position?.x ?? 0));
  let next = graph;
  let made = 0;
  nodes.slice(1).forEach((target, at) => {
    const source = nodes[at];
    if (!source || !validTargets(next, catalogue, source.id).has(target.id)) return;
    const open = portsOf(source, catalogue.get(source.type)).find(
      (port) => wantsEdge(port) && !edgeAt(next, source.id, port.id),
    );
    if (!open) return;
    const edge = {
      id: freshId(`${source.id}_${open.id}`.slice(0, 48), takenIds(next)),
      source: source.id,
      source_port: open.id,
      target: target.id,
    };
    next = { ...next, edges: [...next.edges, edge] };
    made += 1;
  });
  return made ? { label: made === 1 ? "Connect" : `Connect ${made + 1} steps`, graph: next } : null;
}
