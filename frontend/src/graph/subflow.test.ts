/** Branches that become flows of their own, and what a search finds. */

import { describe, expect, it } from "vitest";
import { chain } from "./alter";
import type { Graph } from "./document";
import { find } from "./find";
import { group } from "./groups";
import { addNote } from "./operations";
import { CATALOGUE, CHAIN, edge, faults } from "./sample.test-data";
import { asFlow, extract, extracted, inline } from "./subflow";

const links = (graph: Graph) => graph.edges.map((each) => `${each.source}.${each.source_port}>${each.target}`).sort();
const named = (graph: Graph, id: string) => graph.nodes.find((each) => each.id === id);

describe("search", () => {
  it("finds names, types, what stands in a form, lines, notes and groups, from the top", () => {
    const graph = addNote(
      group(CHAIN, ["pause", "end"], "Rest of it")?.graph ?? CHAIN,
      { x: 0, y: 900 },
      "ask Sales",
    ).graph;
    const ids = (query: string) => find(graph, CATALOGUE, query).map(({ id }) => id);
    expect(ids("alert")).toEqual(["alert"]);
    expect(ids("slack")).toEqual(["alert"]);
    expect(ids("employees")).toEqual(["size"]);
    expect(ids("rest of")).toEqual(["group"]);
    expect(ids("sales")).toEqual(["note"]);
    expect(ids("everyone")).toEqual(["size_else"]);
    expect(ids("")).toEqual([]);
    expect(ids("nothing like it")).toEqual([]);
    expect(find(graph, CATALOGUE, "employees")[0]?.where).toContain("employees > 100");
  });
});

describe("sub-flows", () => {
  const cut = extracted(CHAIN, CATALOGUE, ["pause", "end"]);
  it("take a branch out: one step starts the flow that it became", () => {
    if ("problem" in cut) throw new Error(cut.problem);
    const other = asFlow(cut, {});
    expect(links(other)).toEqual(["pause.out>end", "started.out>pause"]);
    expect(other.nodes[0]).toMatchObject({ type: "trigger.manual" });
    const left = extract(CHAIN, cut, "flow1", "Rest");
    expect(links(left.graph)).toEqual(["size.big>alert", "size.else>start_2", "start.out>size"]);
    expect(named(left.graph, "start_2")).toMatchObject({
      type: "flow.start",
      config: { flow: "flow1" },
      name: "Start Rest",
    });
    expect(faults(left.graph)).toEqual([]);
  });

  it("come back as they went", () => {
    if ("problem" in cut) throw new Error(cut.problem);
    const left = extract(CHAIN, cut, "flow1", "Rest").graph;
    const back = inline(left, CATALOGUE, "start_2", asFlow(cut, {}));
    if ("problem" in back) throw new Error(back.problem);
    expect(links(back.graph)).toEqual(links(CHAIN));
    expect(named(back.graph, "pause")?.position).toEqual(named(CHAIN, "pause")?.position);
  });

  it.each([
    [["start", "size"], "The trigger stays here"],
    [["alert", "pause"], "several beginnings"],
    [["size"], "lead on to several others"],
    [[], "Choose the steps"],
  ] as const)("%s cannot be one, and it says why", (ids, sentence) => {
    const told = extracted(CHAIN, CATALOGUE, ids);
    expect("problem" in told && told.problem).toContain(sentence);
  });

  it("are waited for where something follows, and told what they read of the event", () => {
    const graph = {
      ...CHAIN,
      nodes: CHAIN.nodes.map((each) =>
        each.id === "pause" ? { ...each, config: { for: "2d", note: "{{ event.properties.plan }}" } } : each,
      ),
    };
    const middle = extracted(graph, CATALOGUE, ["pause"]);
    if ("problem" in middle) throw new Error(middle.problem);
    const left = extract(graph, middle, "flow1", "Rest").graph;
    expect(links(left)).toEqual(["size.big>alert", "size.else>start_2", "start.out>size", "start_2.out>end"]);
    expect(named(left, "start_2")?.config).toEqual({
      flow: "flow1",
      mode: "wait",
      timeout: "30d",
      properties: { plan: "{{ event.properties.plan }}" },
    });
    expect(faults(left)).toEqual([]);
  });

  it("refuse what a step that stays reads", () => {
    const graph = {
      ...CHAIN,
      nodes: CHAIN.nodes.map((each) =>
        each.id === "end" ? { ...each, config: { reason: "{{ steps.pause.output }}" } } : each,
      ),
    };
    const told = extracted(graph, CATALOGUE, ["pause"]);
    expect("problem" in told && told.problem).toContain("“end” stays here");
  });

  it("refuse a branch that reads a step which stays", () => {
    const graph = {
      ...CHAIN,
      nodes: CHAIN.nodes.map((each) =>
        each.id === "end" ? { ...each, config: { reason: "{{ steps.size.output }}" } } : each,
      ),
    };
    const told = extracted(graph, CATALOGUE, ["pause", "end"]);
    expect("problem" in told && told.problem).toContain("read “size”");
  });

  it("chain loose cards in their order", () => {
    const loose = { ...CHAIN, edges: [edge("start", "out", "size")] };
    expect(links(chain(loose, CATALOGUE, ["pause", "end", "size"])?.graph ?? loose)).toEqual([
      "pause.out>end",
      "size.big>pause",
      "start.out>size",
    ]);
  });
});
