import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outline } from "./outline";
import { CATALOGUE, CHAIN, edge, graphs, node } from "./sample.test-data";

describe("the outline", () => {
  it("reads from the trigger on, branches one level deeper with their names", () => {
    expect(outline(CHAIN, CATALOGUE).map(({ node: { id }, level, via }) => [id, level, via])).toEqual([
      ["start", 1, ""],
      ["size", 1, ""],
      ["alert", 2, "Big"],
      ["pause", 2, "Everyone else"],
      ["end", 2, ""],
    ]);
  });

  it("leads back to a step that stands above, and says what nothing leads to", () => {
    const graph = {
      ...CHAIN,
      nodes: [...CHAIN.nodes, node("lost", "exit")],
      edges: [...CHAIN.edges, edge("alert", "out", "pause")],
    };
    const rows = outline(graph, CATALOGUE);
    expect(rows.filter(({ again }) => again).map(({ node: { id } }) => id)).toEqual(["pause"]);
    expect(rows.filter(({ loose }) => loose).map(({ node: { id } }) => id)).toEqual(["lost"]);
  });

  it("has every step once, whatever is drawn", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const own = outline(graph, CATALOGUE).filter(({ again }) => !again);
        expect(own.map(({ node: { id } }) => id).sort()).toEqual(graph.nodes.map(({ id }) => id).sort());
      }),
    );
  });

  it("reads a circle that nothing leads to", () => {
    const graph = {
      ...CHAIN,
      nodes: [node("a", "wait.delay"), node("b", "wait.delay")],
      edges: [edge("a", "out", "b"), edge("b", "out", "a")],
    };
    expect(outline(graph, CATALOGUE).map(({ node: { id }, again }) => [id, again])).toEqual([
      ["a", false],
      ["b", false],
      ["a", true],
    ]);
  });
});
