import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Step } from "@/api/models";
import type { Graph } from "@/graph/document";
import { CATALOGUE, CHAIN, graphs } from "@/graph/sample.test-data";
import { pathOverlay, progressOf, type RunPath, remaining, shortReason, standsAt } from "./path";

const T0 = Date.parse("2026-11-24T10:00:00Z");
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();

function step(node: string, over: Partial<Step> = {}): Step {
  return {
    id: `${node}-${over.visit ?? 1}`,
    node,
    visit: 1,
    seq: 1,
    status: "done",
    entered_at: at(0),
    due_at: null,
    left_at: at(1),
    port: "out",
    reason: "",
    flagged: "",
    reads: {},
    input: null,
    output: null,
    traits: {},
    cost: 0,
    gate: [],
    attempts: [],
    ...over,
  };
}

const run = (steps: Step[], over: Partial<RunPath> = {}): RunPath => ({
  status: "active",
  state: "waiting",
  version: 3,
  steps,
  ...over,
});

/** A run that goes by the picks until it ends, rests or has gone around ten times. */
function walk(graph: Graph, picks: readonly number[]): { steps: Step[]; edges: Set<string>; nodes: Set<string> } {
  const edges = new Set<string>();
  const steps: Step[] = [];
  let here: string | undefined = "start";
  for (const pick of picks) {
    if (!here) break;
    const out = graph.edges.filter((edge) => edge.source === here);
    const visit = steps.filter((each) => each.node === here).length + 1;
    const next: (typeof out)[number] | undefined = out[pick % Math.max(1, out.length)];
    const rests = pick % 5 === 0;
    const left = rests ? null : at(steps.length + 1);
    steps.push(
      step(here, {
        visit,
        seq: steps.length + 1,
        port: rests ? "" : (next?.source_port ?? "else"),
        left_at: left,
        status: rests ? "waiting" : "done",
      }),
    );
    if (rests || !next) break;
    edges.add(next.id);
    here = next.target;
  }
  return { steps, edges, nodes: new Set(steps.map((each) => each.node)) };
}

describe("the path of a run", () => {
  it("takes every edge it went along and no other, and fades what it has not been at", () => {
    fc.assert(
      fc.property(graphs, fc.array(fc.nat(100), { maxLength: 12 }), fc.boolean(), (graph, picks, shuffled) => {
        const { steps, edges, nodes } = walk(graph, picks);
        const overlay = pathOverlay(graph, CATALOGUE, run(shuffled ? steps.toReversed() : steps), T0);
        for (const edge of graph.edges) {
          expect(overlay.edges[edge.id]?.state).toBe(edges.has(edge.id) ? "taken" : "faded");
        }
        for (const node of graph.nodes) expect(Boolean(overlay.nodes[node.id]?.faded)).toBe(!nodes.has(node.id));
        const open = steps.find((each) => !each.left_at);
        if (open) expect(overlay.nodes[open.node]?.state).toBe("waiting");
      }),
    );
  });

  it("says on the edge why it was chosen, and on the card how long it took and what it cost", () => {
    const attempt = {
      number: 1,
      key: "k",
      state: "accepted" as const,
      started_at: at(1),
      ended_at: at(2),
      status: 200,
      error_class: "",
      message: "",
      sandbox: false,
      cost: 0.2,
    };
    const overlay = pathOverlay(
      CHAIN,
      CATALOGUE,
      run([
        step("start", { seq: 1, reason: "Signed Up arrived" }),
        step("size", { seq: 2, port: "big", reason: "employees 540 > 100" }),
        step("alert", { seq: 3, left_at: at(3.5), cost: 0.2, attempts: [attempt, { ...attempt, number: 2 }] }),
      ]),
      T0,
    );
    expect(overlay.edges.size_big).toEqual({ state: "taken", label: "employees 540 > 100" });
    expect(overlay.edges.start_out).toEqual({ state: "taken" });
    expect(overlay.nodes.alert?.foot).toEqual([
      { glyph: "succeeded" },
      { strong: "3.5 s" },
      { glyph: "retry", text: "2 attempts" },
      { text: "$0.20", push: true },
    ]);
    expect(shortReason(`${"because ".repeat(9)}.`)).toHaveLength(34);
  });

  it("shows how far a wait is, when the next try is, and what failed", () => {
    const waiting = step("pause", { status: "waiting", left_at: null, port: "", due_at: at(172_800) });
    const drawn = (each: Step, now: number) => pathOverlay(CHAIN, CATALOGUE, run([each]), now).nodes[each.node];
    expect(drawn(waiting, T0 + 86_400_000)).toMatchObject({ state: "waiting", progress: 0.5 });
    expect(drawn(waiting, T0 + 86_400_000)?.foot?.[0]?.strong).toBe("1 d 00:00 left");
    expect(remaining(at(90), T0)).toBe("00:01:30 left");
    expect(remaining(at(-1), T0)).toBe("due now");
    const retrying = step("alert", { status: "retrying", left_at: null, port: "", due_at: at(4) });
    expect(drawn(retrying, T0)?.foot?.[0]).toMatchObject({ glyph: "retry", strong: "next try in 00:00:04" });
    expect(progressOf(retrying, T0)).toBeNull();
    expect(drawn(step("alert", { status: "failed", port: "" }), T0)).toMatchObject({ state: "failed" });
    expect(drawn(step("alert", { status: "held", left_at: null, port: "" }), T0)).toMatchObject({ state: "held" });
    expect(standsAt({ node: null, steps: [step("size", { seq: 2 }), step("start")] })).toBe("size");
  });

  it("goes on where a failed run was tried again, whose steps count from one anew", () => {
    const steps = [
      step("alert", { id: "later", seq: 1, entered_at: at(60), left_at: at(61) }),
      step("start", { seq: 1 }),
      step("size", { seq: 2, port: "big" }),
      step("alert", { id: "first", seq: 3, status: "failed", port: "" }),
    ];
    expect(pathOverlay(CHAIN, CATALOGUE, run(steps), T0).nodes.alert).toMatchObject({ state: "succeeded" });
    expect(standsAt({ node: null, steps })).toBe("alert");
  });

  it("counts how often a way was taken in a circle", () => {
    const steps = [1, 2].map((visit) => step("size", { visit, seq: visit, port: "else", reason: "else" }));
    expect(pathOverlay(CHAIN, CATALOGUE, run(steps), T0).edges.size_else?.value).toBe("2×");
  });
});

describe("a parallel block", () => {
  const graph: Graph = {
    schema: 1,
    nodes: [
      {
        id: "fork",
        type: "parallel",
        name: "Both",
        config: {
          arms: [
            { id: "a", name: "A" },
            { id: "b", name: "B" },
          ],
        },
      },
      { id: "one", type: "exit", name: "One", config: {} },
      { id: "two", type: "exit", name: "Two", config: {} },
    ],
    edges: [
      { id: "e1", source: "fork", source_port: "a", target: "one" },
      { id: "e2", source: "fork", source_port: "b", target: "two" },
    ],
    notes: [],
    settings: {},
  };

  it("is left by every arm, and the arms keep their names", () => {
    const took = run([step("fork", { port: "", reason: "2 arms at once: A, B" }), step("one", { seq: 2 })]);
    const { edges } = pathOverlay(graph, CATALOGUE, took, T0);
    expect(edges).toEqual({ e1: { state: "taken" }, e2: { state: "taken" } });
    const failed = run([step("fork", { port: "", status: "failed" })]);
    expect(pathOverlay(graph, CATALOGUE, failed, T0).edges.e1).toEqual({ state: "faded" });
  });
});
