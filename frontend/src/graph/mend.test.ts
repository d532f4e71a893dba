import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkStructure, type Issue } from "./check";
import type { Graph } from "./document";
import { mendOf } from "./mend";
import { CATALOGUE, CHAIN, graphs } from "./sample.test-data";

const issue = (code: string, over: Partial<Issue> = {}): Issue => ({
  code,
  severity: "warning",
  message: "",
  node: "",
  edge: "",
  field: "",
  fix: "",
  ...over,
});

const cases = [
  { id: "some", name: "Over 50", when: { all: [{ field: "customer.traits.n", op: "gt", value: 50 }] } },
  { id: "big", name: "Over 100", when: { all: [{ field: "customer.traits.n", op: "gt", value: 100 }] } },
];
const branched: Graph = {
  ...CHAIN,
  nodes: CHAIN.nodes.map((node) => (node.id === "size" ? { ...node, config: { cases } } : node)),
  edges: [
    ...CHAIN.edges.filter((edge) => edge.source_port !== "big"),
    { id: "e9", source: "size", source_port: "big", target: "alert" },
  ],
};

describe("one-press mends", () => {
  it("takes a repeated case away, with the line that left by it", () => {
    const mend = mendOf(issue("case_repeated", { node: "size", field: "cases.1.when" }), branched, CATALOGUE);
    const size = mend?.change.graph.nodes.find(({ id }) => id === "size");
    expect((size?.config.cases as unknown[]).length).toBe(1);
    expect(mend?.change.graph.edges.some(({ id }) => id === "e9")).toBe(false);
  });

  it("asks a case first that another one takes away", () => {
    const said = "Nobody can take “Over 100” of “Size”: “Over 50” takes all of them before it.";
    const mend = mendOf(
      issue("case_never", { node: "size", field: "cases.1.when", message: said }),
      branched,
      CATALOGUE,
    );
    const size = mend?.change.graph.nodes.find(({ id }) => id === "size");
    expect((size?.config.cases as { id: string }[]).map(({ id }) => id)).toEqual(["big", "some"]);
    expect(mend?.change.graph.edges).toEqual(branched.edges);
  });

  it("fills in what has one right answer", () => {
    const mend = mendOf(issue("email_without_recipient", { node: "alert" }), CHAIN, CATALOGUE);
    expect(mend?.change.graph.nodes.find(({ id }) => id === "alert")?.config.to).toBe("{{ customer.email }}");
    const held = { ...CHAIN, settings: { quiet_hours: { mode: "hold", max_hold: "4h" } } };
    expect(mendOf(issue("held_too_long"), held, CATALOGUE)?.change.graph.settings).toEqual({
      quiet_hours: { mode: "hold", max_hold: "24h" },
    });
  });

  it("says nothing where only the author can know", () => {
    expect(mendOf(issue("expression_invalid", { node: "size" }), CHAIN, CATALOGUE)).toBeNull();
    expect(mendOf(issue("unreachable", { node: "gone" }), CHAIN, CATALOGUE)).toBeNull();
  });

  it("mends what it says it mends, in any drawing, and leaves no line hanging", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        for (const each of checkStructure(graph, CATALOGUE)) {
          const mend = mendOf(each, graph, CATALOGUE);
          if (!mend) continue;
          const after = mend.change.graph;
          const ids = new Set(after.nodes.map(({ id }) => id));
          expect(after.edges.every(({ source, target }) => ids.has(source) && ids.has(target))).toBe(true);
          const left = checkStructure(after, CATALOGUE).filter(
            ({ code, node, message }) => code === each.code && node === each.node && message === each.message,
          );
          expect(left).toEqual([]);
        }
      }),
    );
  });
});
