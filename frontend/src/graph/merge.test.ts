import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Graph, sameGraph } from "./document";
import { merge } from "./merge";
import { connect, move, remove, rename } from "./operations";
import { CATALOGUE, CHAIN, faults, graphs } from "./sample.test-data";

/** Changes only nodes whose place in the list is even or odd. */
function touched(graph: Graph, parity: number, word: string): Graph {
  return { ...graph, nodes: graph.nodes.map((node, at) => (at % 2 === parity ? { ...node, name: word } : node)) };
}

describe("merge", () => {
  it("changes nothing where only one side changed", () => {
    fc.assert(
      fc.property(graphs, graphs, (base, other) => {
        expect(sameGraph(merge(base, other, base).mine, other)).toBe(true);
        expect(sameGraph(merge(base, base, other).mine, other)).toBe(true);
        expect(merge(base, other, base).clashes).toEqual([]);
      }),
    );
  });

  it("keeps both sides where they touched different nodes", () => {
    fc.assert(
      fc.property(graphs, (base) => {
        const { mine, theirs, clashes } = merge(base, touched(base, 0, "mine"), touched(base, 1, "theirs"));
        expect(clashes).toEqual([]);
        expect(sameGraph(mine, theirs)).toBe(true);
        expect(sameGraph(mine, touched(touched(base, 0, "mine"), 1, "theirs"))).toBe(true);
      }),
    );
  });

  it("is always well formed, whichever side wins", () => {
    fc.assert(
      fc.property(graphs, graphs, graphs, (base, mine, theirs) => {
        const merged = merge(base, mine, theirs);
        for (const graph of [merged.mine, merged.theirs])
          expect(faults(graph).filter((fault) => fault !== "there is a circle")).toEqual([]);
      }),
    );
  });

  it("asks about a node that both changed, and says its name", () => {
    const { clashes, mine, theirs } = merge(
      CHAIN,
      rename(CHAIN, "alert", "Mine").graph,
      rename(CHAIN, "alert", "Theirs").graph,
    );
    expect(clashes).toEqual([{ kind: "node", id: "alert", label: "Mine" }]);
    expect(mine.nodes.find((node) => node.id === "alert")?.name).toBe("Mine");
    expect(theirs.nodes.find((node) => node.id === "alert")?.name).toBe("Theirs");
  });

  it("asks when one deleted what the other changed, and when both led one port elsewhere", () => {
    expect(
      merge(CHAIN, remove(CHAIN, CATALOGUE, ["end"]).graph, move(CHAIN, { end: { x: 9, y: 9 } }).graph).clashes,
    ).not.toEqual([]);
    const left = connect(CHAIN, CATALOGUE, "alert", "out", "end")?.graph ?? CHAIN;
    const right = connect(CHAIN, CATALOGUE, "alert", "out", "pause")?.graph ?? CHAIN;
    expect(merge(CHAIN, left, right).clashes.map(({ id }) => id)).toContain("alert");
  });
});
