import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Graph, sameGraph } from "./document";
import { group } from "./groups";
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
    expect(clashes).toEqual([
      { kind: "node", id: "alert", label: "Mine", mine: "named “Mine”", theirs: "named “Theirs”" },
    ]);
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

  it("lets each thing go to the side that was chosen for it", () => {
    const both = (word: string) =>
      rename(rename(CHAIN, "alert", `${word} alert`).graph, "pause", `${word} pause`).graph;
    const merged = merge(CHAIN, both("Mine"), both("Theirs"));
    expect(merged.clashes.map(({ id }) => id)).toEqual(["alert", "pause"]);
    const chosen = merged.choose({ "node:alert": "theirs", "node:pause": "mine" });
    expect(chosen.nodes.filter(({ id }) => id === "alert" || id === "pause").map(({ name }) => name)).toEqual([
      "Theirs alert",
      "Mine pause",
    ]);
    expect(sameGraph(merged.choose({}), merged.mine)).toBe(true);
  });

  it("gives a port that both led elsewhere to the side that its card goes to", () => {
    const left = connect(CHAIN, CATALOGUE, "alert", "out", "end")?.graph ?? CHAIN;
    const right = connect(CHAIN, CATALOGUE, "alert", "out", "pause")?.graph ?? CHAIN;
    const other = {
      ...right,
      edges: right.edges.map((each) => (each.source === "alert" ? { ...each, id: "x" } : each)),
    };
    const merged = merge(CHAIN, left, other);
    const target = (graph: Graph) => graph.edges.filter(({ source }) => source === "alert").map((each) => each.target);
    expect(merged.clashes[0]).toMatchObject({ id: "alert", mine: "leads to “end”", theirs: "leads to “pause”" });
    expect([target(merged.mine), target(merged.theirs)]).toEqual([["end"], ["pause"]]);
  });

  it("joins groups, and says what each side did", () => {
    const mine = group(CHAIN, ["pause", "end"], "Rest")?.graph ?? CHAIN;
    const merged = merge(CHAIN, mine, remove(CHAIN, CATALOGUE, ["end"]).graph);
    expect(merged.clashes).toEqual([]);
    expect(merged.mine.groups).toEqual([{ id: "group", name: "Rest", nodes: ["pause"] }]);
    const gone = merge(CHAIN, remove(CHAIN, CATALOGUE, ["end"]).graph, move(CHAIN, { end: { x: 9, y: 9 } }).graph);
    expect(gone.clashes[0]).toMatchObject({ mine: "deleted", theirs: "moved" });
  });
});
