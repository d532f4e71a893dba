/** Two people edited one draft: their changes are joined node by node, and only what both touched is asked about. */

import { type Graph, type GraphEdge, type Json, same, withGroups } from "./document";
import { groupsOf } from "./groups";

type Item = { readonly id: string };
export type Side = "mine" | "theirs";

export interface Clash {
  readonly kind: "node" | "edge" | "note" | "group" | "settings";
  readonly id: string;
  readonly label: string;
  /** What each side did, in words: "renamed, moved", "deleted". */
  readonly mine: string;
  readonly theirs: string;
}

/** The side that wins a clash, by `clashKey`; what is not named goes to mine. */
export type Choices = Readonly<Record<string, Side>>;

export interface Merged {
  /** The union, with `mine` winning every clash. */
  readonly mine: Graph;
  /** The union, with `theirs` winning every clash. */
  readonly theirs: Graph;
  readonly clashes: readonly Clash[];
  /** The union with each clash going to the side that was chosen for it. */
  readonly choose: (choices: Choices) => Graph;
}

export function clashKey({ kind, id }: Pick<Clash, "kind" | "id">): string {
  return `${kind}:${id}`;
}

interface Both<T> {
  readonly id: string;
  readonly mine: T | undefined;
  readonly theirs: T | undefined;
  readonly clash: boolean;
}

function compare<T extends Item>(base: readonly T[], mine: readonly T[], theirs: readonly T[]): Both<T>[] {
  const was = new Map(base.map((item) => [item.id, item]));
  const a = new Map(mine.map((item) => [item.id, item]));
  const b = new Map(theirs.map((item) => [item.id, item]));
  return [...new Set([...a.keys(), ...b.keys(), ...was.keys()])].map((id) => {
    const [before, left, right] = [was.get(id), a.get(id), b.get(id)];
    if (same(left, right)) return { id, mine: left, theirs: left, clash: false };
    if (same(before, left)) return { id, mine: right, theirs: right, clash: false };
    if (same(before, right)) return { id, mine: left, theirs: left, clash: false };
    return { id, mine: left, theirs: right, clash: true };
  });
}

function pick<T>(items: readonly Both<T>[], side: (id: string) => Side): T[] {
  return items.flatMap((item) => item[side(item.id)] ?? []);
}

/** An edge only lives between cards that are there, and a port leads to one place: the first that comes keeps it. */
function tidy(graph: Graph): Graph {
  const ids = new Set(graph.nodes.map((node) => node.id));
  const ports = new Set<string>();
  const edges = graph.edges.filter((edge) => {
    const port = `${edge.source} ${edge.source_port}`;
    if (!ids.has(edge.source) || !ids.has(edge.target) || ports.has(port)) return false;
    ports.add(port);
    return true;
  });
  return { ...graph, edges };
}

function settingsAsItems(settings: Graph["settings"]): (Item & { value: Json })[] {
  return Object.entries(settings).map(([id, value]) => ({ id, value }));
}

/** Both sides lead the same port to different places: a clash even when their edges have different ids. */
function portClashes(base: Graph, mine: Graph, theirs: Graph): string[] {
  const at = (graph: Graph) => new Map(graph.edges.map((edge) => [`${edge.source} ${edge.source_port}`, edge.target]));
  const [was, left, right] = [at(base), at(mine), at(theirs)];
  return [...left]
    .filter(
      ([port, target]) =>
        right.has(port) && right.get(port) !== target && was.get(port) !== target && was.get(port) !== right.get(port),
    )
    .map(([port]) => port.split(" ")[0] ?? "");
}

const WORDS: Readonly<Record<string, string>> = {
  name: "renamed",
  type: "replaced",
  position: "moved",
  disabled: "switched on or off",
  text: "rewritten",
  size: "resized",
  color: "coloured",
  nodes: "other steps in it",
  collapsed: "collapsed or opened",
  target: "led elsewhere",
  source: "led elsewhere",
  source_port: "led elsewhere",
};

function plain(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** What was done to a thing, in a few words. */
function told(before: Item | undefined, after: Item | undefined): string {
  if (!after) return "deleted";
  if (!before) return "added";
  const [old, now] = [before as Item & Record<string, unknown>, after as Item & Record<string, unknown>];
  const said = new Set<string>();
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    if (same(old[key], now[key])) continue;
    if (key === "name") said.add(`named “${plain(now.name || "nothing")}”`);
    else if (key === "value") said.add(plain(now.value));
    else if (key === "config") for (const field of fieldsOf(old.config, now.config)) said.add(field);
    else said.add(WORDS[key] ?? `another ${key}`);
  }
  return [...said].join(", ") || "led elsewhere";
}

function fieldsOf(before: unknown, after: unknown): string[] {
  const [old, now] = [(before ?? {}) as Record<string, Json>, (after ?? {}) as Record<string, Json>];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((key) => !same(old[key], now[key]))
    .map((key) => {
      const value = now[key];
      const short = typeof value === "string" || typeof value === "number" ? `: ${plain(value)}` : "";
      return `${key.replaceAll("_", " ")}${short}`;
    });
}

/** Three-way merge of what both started from, what is here, and what the server has. */
export function merge(base: Graph, mine: Graph, theirs: Graph): Merged {
  const nodes = compare(base.nodes, mine.nodes, theirs.nodes);
  const edges = compare(base.edges, mine.edges, theirs.edges);
  const notes = compare(base.notes, mine.notes, theirs.notes);
  const groups = compare(groupsOf(base), groupsOf(mine), groupsOf(theirs));
  const settings = compare(...([base, mine, theirs].map(({ settings: each }) => settingsAsItems(each)) as Settings));
  const name = (id: string) => [...mine.nodes, ...theirs.nodes].find((node) => node.id === id)?.name || id;
  const was = (items: readonly Item[], id: string) => items.find((item) => item.id === id);
  const of = (
    kind: Clash["kind"],
    list: readonly Both<Item>[],
    before: readonly Item[],
    label: (id: string) => string,
  ) =>
    list
      .filter(({ clash }) => clash)
      .map((item): Clash => {
        const start = was(before, item.id);
        return {
          kind,
          id: item.id,
          label: label(item.id),
          mine: told(start, item.mine),
          theirs: told(start, item.theirs),
        };
      });
  const own = of("node", nodes, base.nodes, name);
  const seen = new Set(own.map(({ id }) => id));
  const led = [...new Set(portClashes(base, mine, theirs))].filter((id) => !seen.has(id));
  const byId = new Map([...mine.edges, ...theirs.edges].map((edge) => [edge.id, edge]));
  const clashes: Clash[] = [
    ...own,
    ...led.map(
      (id): Clash => ({ kind: "node", id, label: name(id), mine: leads(mine, id), theirs: leads(theirs, id) }),
    ),
    ...of("edge", edges, base.edges, (id) => `the line from ${name(byId.get(id)?.source ?? id)}`),
    ...of("note", notes, base.notes, () => "a note"),
    ...of("group", groups, groupsOf(base), (id) => `the group ${groupNamedIn([mine, theirs], id)}`),
    ...of("settings", settings, settingsAsItems(base.settings), (id) => `the setting ${id.replaceAll("_", " ")}`),
  ];
  const drawn = {
    mine: new Set(mine.edges.map(({ id }) => id)),
    theirs: new Set(theirs.edges.map(({ id }) => id)),
  };
  const choose = (choices: Choices): Graph => {
    const side = (kind: Clash["kind"]) => (id: string) => choices[clashKey({ kind, id })] ?? "mine";
    return join(side, { nodes, edges, notes, groups, settings, drawn });
  };
  const all = (side: Side) => choose(Object.fromEntries(clashes.map((clash) => [clashKey(clash), side])));
  return { mine: all("mine"), theirs: all("theirs"), clashes, choose };
}

type Settings = [
  ReturnType<typeof settingsAsItems>,
  ReturnType<typeof settingsAsItems>,
  ReturnType<typeof settingsAsItems>,
];

function groupNamedIn(graphs: readonly Graph[], id: string): string {
  return graphs.flatMap(groupsOf).find((group) => group.id === id)?.name ?? id;
}

function leads(graph: Graph, id: string): string {
  const targets = graph.edges
    .filter((edge) => edge.source === id)
    .map((edge) => graph.nodes.find((node) => node.id === edge.target)?.name || edge.target);
  return targets.length ? `leads to ${targets.map((each) => `“${each}”`).join(", ")}` : "leads nowhere";
}

interface Parts {
  readonly nodes: readonly Both<Graph["nodes"][number]>[];
  readonly edges: readonly Both<GraphEdge>[];
  readonly notes: readonly Both<Graph["notes"][number]>[];
  readonly groups: readonly Both<NonNullable<Graph["groups"]>[number]>[];
  readonly settings: readonly Both<Item & { value: Json }>[];
  /** The ids of the lines that each side has. */
  readonly drawn: Readonly<Record<Side, ReadonlySet<string>>>;
}

function join(side: (kind: Clash["kind"]) => (id: string) => Side, parts: Parts): Graph {
  const sideOf = side("node");
  const edges = pick(parts.edges, side("edge"));
  // Of two lines from one port, that of the side which the card goes to comes first and stays.
  const foreign = (edge: GraphEdge) => Number(!parts.drawn[sideOf(edge.source)].has(edge.id));
  const graph: Graph = {
    schema: 1,
    nodes: pick(parts.nodes, sideOf),
    edges: [...edges].sort((a, b) => foreign(a) - foreign(b)),
    notes: pick(parts.notes, side("note")),
    settings: Object.fromEntries(pick(parts.settings, side("settings")).map(({ id, value }) => [id, value])),
  };
  return withGroups(tidy(graph), pick(parts.groups, side("group")));
}
