import { expect, it } from "vitest";
import { compare } from "./compare";
import type { Graph } from "./document";

const node = (id: string, x = 0, y = 0) => ({ id, type: "exit", name: id, config: {}, position: { x, y } });
const edge = (id: string, source: string, target: string) => ({ id, source, source_port: "out", target });
const graph = (nodes: Graph["nodes"], edges: Graph["edges"]): Graph => ({
  schema: 1,
  nodes,
  edges,
  notes: [],
  settings: {},
});

it("joins two drawings: new, changed and gone, each line by where it leads", () => {
  const before = graph([node("a"), node("b", 0, 200), node("c", 0, 400)], [edge("e1", "a", "b"), edge("e2", "b", "c")]);
  const after = graph([node("a"), node("d", 0, 200), node("c", 0, 400)], [edge("e1", "a", "d"), edge("e3", "d", "c")]);
  const both = compare(before, after, new Map(), ["a"]);
  expect(both.nodes).toEqual({ a: "changed", d: "added", b: "removed" });
  expect(both.edges).toEqual({ e1: "added", e3: "added", e1__was: "removed", e2: "removed" });
  expect(both.graph.edges.map(({ id }) => id)).toEqual(["e1", "e3", "e1__was", "e2"]);
  const ghost = both.graph.nodes.find(({ id }) => id === "b");
  const taken = both.graph.nodes.find(({ id }) => id === "d");
  expect(ghost?.position).not.toEqual(taken?.position);
});

it("marks nothing where nothing is different", () => {
  const one = graph([node("a")], []);
  expect(compare(one, one, new Map(), [])).toMatchObject({ nodes: {}, edges: {}, graph: one });
});
