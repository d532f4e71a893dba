/** What a marketer can do to a graph. Each operation takes a graph and gives a new one with the name of what was done. */

import { type Catalogue, cardName, type NodeType, startingConfig } from "./catalogue";
import {
  type Config,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type NoteColor,
  type Point,
  withGroups,
} from "./document";
import { groupsOf, joinGroup, owners } from "./groups";
import { freshId, takenIds } from "./names";
import { portsOf } from "./ports";
import { edgeAt, isTrigger, nodeOf, validTargets } from "./reach";
import { closeGap, defaultPlace, makeRoom, placeBelow } from "./room";
import { snap } from "./size";

/** One named step of history. `key` joins steps that belong together (typing in one field, dragging one card). */
export interface Change {
  readonly label: string;
  readonly graph: Graph;
  readonly select?: readonly string[];
  readonly key?: string;
}

/** Where a new node goes: on an edge, behind an open port, or at a free point. */
export type Place =
  | { readonly kind: "edge"; readonly edge: string }
  | { readonly kind: "port"; readonly node: string; readonly port: string }
  | { readonly kind: "point"; readonly at: Point };

export function newNode(graph: Graph, type: NodeType, name = cardName(type)): GraphNode {
  const stem =
    type.type.split(".").at(-1) === "send"
      ? (type.type.split(".")[0] ?? "node")
      : (type.type.split(".").at(-1) ?? "node");
  const id = freshId(stem === "event" && type.trigger ? "trigger" : stem, takenIds(graph));
  return { id, type: type.type, name, config: startingConfig(type) };
}

function edgeBetween(graph: Graph, source: string, port: string, target: string): GraphEdge {
  return { id: freshId(`${source}_${port}`.slice(0, 48), takenIds(graph)), source, source_port: port, target };
}

function put(graph: Graph, node: GraphNode, at: Point): Graph {
  return { ...graph, nodes: [...graph.nodes, { ...node, position: at }] };
}

function link(graph: Graph, source: string, port: string, target: string): Graph {
  return { ...graph, edges: [...graph.edges, edgeBetween(graph, source, port, target)] };
}

/** Adds a node at `place`. On an edge it is inserted; behind a port it is connected; a trigger only ever stands free. */
export function addNode(graph: Graph, catalogue: Catalogue, type: NodeType, place: Place): Change {
  const node = newNode(graph, type);
  const label = `Add ${type.name}`;
  const trigger = isTrigger(node, type);
  if (place.kind === "edge" && !trigger)
    return { ...insertOnEdge(graph, catalogue, node, place.edge), label, select: [node.id] };
  if (place.kind === "port" && !trigger) {
    const at = placeBelow(graph, catalogue, place.node, place.port, node.type);
    const placed = put(graph, node, at);
    const taken = edgeAt(graph, place.node, place.port);
    if (taken) return { ...insertOnEdge(graph, catalogue, node, taken.id), label, select: [node.id] };
    return { label, graph: link(placed, place.node, place.port, node.id), select: [node.id] };
  }
  const at = place.kind === "point" ? snap(place.at) : defaultPlace(graph, catalogue, node.type);
  return { label, graph: put(graph, node, at), select: [node.id] };
}

/** Puts a node into an edge: what came after now comes after it, moved down just far enough. */
export function insertOnEdge(graph: Graph, catalogue: Catalogue, node: GraphNode, edgeId: string): Change {
  const edge = graph.edges.find((item) => item.id === edgeId);
  const label = `Insert ${node.name || node.type}`;
  if (!edge) return { label, graph: put(graph, node, defaultPlace(graph, catalogue, node.type)), select: [node.id] };
  const target = nodeOf(graph, edge.target);
  const source = nodeOf(graph, edge.source);
  const at = makeRoom.place(graph, catalogue, source, target, node.type);
  const roomy = target ? makeRoom(graph, catalogue, at, node.type, target.id) : graph;
  const known = roomy.nodes.some((item) => item.id === node.id);
  const placed = known ? moveTo(roomy, node.id, at) : put(roomy, node, at);
  const out = portsOf(node, catalogue.get(node.type)).find((port) => port.kind !== "error")?.id;
  const first = {
    ...placed,
    edges: placed.edges.map((item) => (item.id === edgeId ? { ...item, target: node.id } : item)),
  };
  const whole = out ? link(first, node.id, out, edge.target) : first;
  // Between two cards of one group it belongs to the group.
  const owner = owners(groupsOf(whole));
  const joined = owner.has(edge.source) && owner.get(edge.source) === owner.get(edge.target);
  return { label, graph: joined ? joinGroup(whole, node.id, edge.source) : whole, select: [node.id] };
}

function moveTo(graph: Graph, id: string, position: Point): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (node.id === id ? { ...node, position } : node)) };
}

/** Connects a port to a node; a port has one edge, so an earlier one gives way. Refuses what would make no sense. */
export function connect(
  graph: Graph,
  catalogue: Catalogue,
  source: string,
  port: string,
  target: string,
): Change | null {
  const node = nodeOf(graph, source);
  if (!node || !validTargets(graph, catalogue, source).has(target)) return null;
  if (!portsOf(node, catalogue.get(node.type)).some((item) => item.id === port)) return null;
  const taken = edgeAt(graph, source, port);
  if (taken?.target === target) return null;
  const free = taken ? { ...graph, edges: graph.edges.filter((edge) => edge !== taken) } : graph;
  return { label: taken ? "Reconnect" : "Connect", graph: link(free, source, port, target) };
}

/** Moves cards and notes to new places. */
export function move(graph: Graph, places: Readonly<Record<string, Point>>, label = "Move"): Change {
  const moved = <T extends { readonly id: string; readonly position?: Point }>(item: T): T => {
    const position = places[item.id];
    return position && (position.x !== item.position?.x || position.y !== item.position.y)
      ? { ...item, position }
      : item;
  };
  const [nodes, notes] = [graph.nodes.map(moved), graph.notes.map(moved)];
  const still =
    nodes.every((node, at) => node === graph.nodes[at]) && notes.every((note, at) => note === graph.notes[at]);
  return { label, graph: still ? graph : { ...graph, nodes, notes } };
}

/** The one node a run would surely go on to, were this one not there. */
function successor(graph: Graph, id: string): string | null {
  const targets = new Set(
    graph.edges
      .filter((edge) => edge.source === id && edge.source_port !== "error" && edge.source_port !== "not_found")
      .map((edge) => edge.target),
  );
  return targets.size === 1 ? ([...targets][0] ?? null) : null;
}

function withoutNode(graph: Graph, catalogue: Catalogue, id: string): Graph {
  const next = successor(graph, id);
  const edges = graph.edges.flatMap((edge) => {
    if (edge.source === id) return [];
    if (edge.target !== id) return [edge];
    return next && next !== edge.source && next !== id ? [{ ...edge, target: next }] : [];
  });
  const left = { ...graph, nodes: graph.nodes.filter((node) => node.id !== id), edges };
  const before = graph.edges.filter((edge) => edge.target === id).map((edge) => edge.source);
  return next && before.length === 1 && before[0] ? closeGap(left, catalogue, before[0], next) : left;
}

/** Deletes cards, edges and notes. Where a card had one way on, the edges before it are joined to what came after. */
export function remove(graph: Graph, catalogue: Catalogue, ids: Iterable<string>): Change {
  const asked = new Set(ids);
  // A frame is only a frame: with it go no cards. A collapsed group goes with what it stands for.
  const closed = groupsOf(graph).filter((group) => group.collapsed && asked.has(group.id));
  const gone = new Set([...asked, ...closed.flatMap((group) => group.nodes)]);
  const open = groupsOf(graph).filter((group) => asked.has(group.id) && !group.collapsed);
  const cut: Graph = {
    ...graph,
    edges: graph.edges.filter((edge) => !gone.has(edge.id)),
    notes: graph.notes.filter((note) => !gone.has(note.id)),
  };
  const victims = graph.nodes.filter((node) => gone.has(node.id));
  const edges = graph.edges.filter((edge) => gone.has(edge.id));
  const only = victims.length === 1 ? victims[0] : undefined;
  const label = only
    ? `Delete ${only.name || only.type}`
    : victims.length
      ? `Delete ${victims.length} steps`
      : open.length
        ? `Ungroup ${open[0]?.name ?? ""}`.trim()
        : edges.length === 1
          ? "Delete a line"
          : "Delete";
  const left = victims.reduce((each, node) => withoutNode(each, catalogue, node.id), cut);
  const groups = groupsOf(graph).filter((group) => !asked.has(group.id));
  return { label, graph: groupsOf(graph).length ? withGroups(left, groups) : left, select: [] };
}

export function rename(graph: Graph, id: string, name: string): Change {
  const nodes = graph.nodes.map((node) => (node.id === id ? { ...node, name } : node));
  return { label: "Rename", graph: { ...graph, nodes }, key: `rename:${id}` };
}

/** A trigger that nobody named is called like its event. */
function named(node: GraphNode, catalogue: Catalogue, config: Config): string {
  if (node.type !== "trigger.event") return node.name;
  const type = catalogue.get(node.type);
  const own = node.name !== "" && node.name !== node.config.event && (!type || node.name !== cardName(type));
  return own ? node.name : String(config.event || (type ? cardName(type) : ""));
}

/** Changes a node's config; an edge whose port is gone goes with it. */
export function configure(graph: Graph, catalogue: Catalogue, id: string, config: Config, field = ""): Change {
  const node = nodeOf(graph, id);
  if (!node) return { label: "Configure", graph };
  const changed = { ...node, config, name: named(node, catalogue, config) };
  const ports = new Set(portsOf(changed, catalogue.get(node.type)).map((port) => port.id));
  const known = new Set(portsOf(node, catalogue.get(node.type)).map((port) => port.id));
  const edges = graph.edges.filter(
    (edge) => edge.source !== id || ports.has(edge.source_port) || !known.has(edge.source_port),
  );
  const nodes = graph.nodes.map((item) => (item.id === id ? changed : item));
  return { label: `Change ${node.name || node.type}`, graph: { ...graph, nodes, edges }, key: `config:${id}:${field}` };
}

export function setSettings(graph: Graph, settings: Config): Change {
  return { label: "Change settings", graph: { ...graph, settings }, key: "settings" };
}

export function addNote(graph: Graph, at: Point, text = ""): Change {
  const id = freshId("note", takenIds(graph));
  const note = { id, text, position: snap(at), size: { w: 240, h: 96 } };
  return { label: "Add a note", graph: { ...graph, notes: [...graph.notes, note] }, select: [id] };
}

export interface NoteChange {
  readonly text?: string;
  readonly size?: { readonly w: number; readonly h: number };
  readonly position?: Point;
  readonly color?: NoteColor;
}

export function editNote(graph: Graph, id: string, change: NoteChange): Change {
  const notes = graph.notes.map((note) => (note.id === id ? { ...note, ...change } : note));
  const label = change.color ? "Colour a note" : change.size ? "Resize a note" : "Edit a note";
  const key = change.text === undefined ? {} : { key: `note:${id}` };
  return { label, graph: { ...graph, notes }, ...key };
}
