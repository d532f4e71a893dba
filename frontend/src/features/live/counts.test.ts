import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CATALOGUE, CHAIN, graphs } from "@/graph/sample.test-data";
import { apply, type Change } from "@/live/apply";
import { bucket } from "@/live/histogram";
import { type Counts, createTotals, median } from "./counts";
import { createDepartures } from "./departures";
import { follow, NO_FAILURES } from "./failures";
import { figure, percent } from "./numbers";
import { countsOverlay, createReader } from "./reader";

const COUNTS: Counts = {
  run: { entered: 1000, active: 30, completed: 900, goal: 20, exited: 3, cancelled: 2, failed: 45 },
  "node:start": { entered: 1000, done: 1000, d0: 1000 },
  "node:size": { entered: 1000, done: 1000 },
  "node:alert": { entered: 180, inside: 6, held: 2, done: 167, failed: 7, [`d${bucket(0.38)}`]: 100 },
  "node:pause": { entered: 820, inside: 24, done: 796 },
  "node:end": { entered: 796, done: 796 },
  "edge:start_out": { count: 1000 },
  "edge:size_big": { count: 180 },
  "edge:size_else": { count: 820 },
};

const foot = (counts: Counts, id: string) =>
  (countsOverlay(CHAIN, CATALOGUE, counts, {}).nodes[id]?.foot ?? []).map((part) =>
    [part.glyph, part.strong, part.text].filter(Boolean).join(" "),
  );

describe("counts on the drawing", () => {
  it("say in a footer who is inside, held, done and failed, and the median time", () => {
    expect(foot(COUNTS, "alert")).toEqual(["running 4", "held 2", "check 167", "failed 7", "p50 431 ms"]);
    expect(foot(COUNTS, "size")).toEqual(["check 1,000", "18% · 82%"]);
    // A slim card has room for one number, and who waits there counts more than who did.
    expect(foot(COUNTS, "pause")).toEqual(["waiting 24"]);
    expect(foot(COUNTS, "end")).toEqual(["check 796"]);
    expect(foot({}, "alert")).toEqual(["Nobody yet"]);
  });

  it("put shares on the ways of a decision, counts on all, and the share of entries into bar and width", () => {
    const { nodes, edges } = countsOverlay(CHAIN, CATALOGUE, COUNTS, {});
    expect(edges.size_big).toEqual({ share: 0.18, value: "18%", count: "180" });
    expect(edges.start_out).toEqual({ share: 1, count: "1,000" });
    expect(edges.pause_out).toEqual({ share: 0 });
    expect(nodes.pause).toMatchObject({ volume: "820", share: 0.82 });
  });

  it("add up to totals in which everybody active moves, waits or is held", () => {
    expect(createTotals(CHAIN, CATALOGUE)(COUNTS)).toEqual({
      active: 30,
      waiting: 24,
      held: 2,
      moving: 4,
      entered: 1000,
      completed: 920,
      failed: 45,
      left: 5,
    });
  });

  it("read deltas as they read the whole, and keep what no delta touched", () => {
    const subjects = fc.constantFrom("n0", "n1", "n2", "n3", "start");
    const change = fc.record({
      subject: subjects,
      metric: fc.constantFrom("entered", "inside", "done", "failed", "held", "d4", "d40", "d90"),
      by: fc.integer({ min: -2, max: 9 }),
    });
    fc.assert(
      fc.property(graphs, fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 6 }), (graph, deltas) => {
        const read = createReader(graph, CATALOGUE);
        let counts: Counts = { run: { entered: 50 } };
        let before = read(counts, {});
        for (const delta of deltas) {
          const changes: Change[] = delta.flatMap(({ subject, metric, by }): Change[] => [
            { op: "add", path: [`node:${subject}`, metric], value: by },
            { op: "add", path: [`edge:${subject}_out`, "count"], value: Math.max(0, by) },
          ]);
          counts = apply(counts, changes);
          const now = read(counts, {});
          expect(now).toEqual(countsOverlay(graph, CATALOGUE, counts, {}));
          const touched = new Set<string>(delta.map(({ subject }) => subject));
          for (const node of graph.nodes) {
            const out = graph.edges.filter((edge) => edge.source === node.id && touched.has(edge.source));
            if (!touched.has(node.id) && !out.length) expect(now.nodes[node.id]).toBe(before.nodes[node.id]);
          }
          before = now;
        }
      }),
      { numRuns: 60 },
    );
  });

  it("never show less than nobody, whatever order versions count in", () => {
    const below: Counts = { run: { active: -1 }, "node:pause": { inside: -3 }, "node:alert": { inside: 1, held: 2 } };
    expect(Object.values(createTotals(CHAIN, CATALOGUE)(below)).every((value) => value >= 0)).toBe(true);
    expect(foot(below, "pause")).toEqual([]);
    expect(median({})).toBeNull();
  });
});

describe("failures", () => {
  const counts = (failed: number): Counts => ({ "node:alert": { failed } });
  it("are news until their card was looked at; old ones never are", () => {
    let state = follow(NO_FAILURES, CHAIN, counts(5), {}, null, 0);
    expect(state.unseen).toEqual({});
    state = follow(state, CHAIN, counts(7), {}, null, 0);
    expect(state.unseen).toEqual({ alert: 2 });
    expect(countsOverlay(CHAIN, CATALOGUE, counts(7), state.unseen).nodes.alert).toMatchObject({
      state: "failed",
      pulse: true,
      badge: { text: "2" },
    });
    state = follow(state, CHAIN, counts(7), {}, "alert", 0);
    expect(state.unseen).toEqual({});
    // A retry takes one back; the next failure is news again.
    state = follow(state, CHAIN, counts(6), {}, null, 0);
    expect(follow(state, CHAIN, counts(7), {}, null, 0).unseen).toEqual({ alert: 1 });
  });

  it("of the last minutes before the page opened are news too", () => {
    const now = Date.parse("2026-11-24T10:00:00Z");
    const line = (run: string, at: string) => ({
      run,
      at,
      customer: { id: "c", name: "", email: "" },
      node: "alert",
      status: "failed",
      state: "",
      sentence: "",
    });
    const lines = { a: line("a", "2026-11-24T09:58:00Z"), b: line("b", "2026-11-24T08:00:00Z") };
    expect(follow(NO_FAILURES, CHAIN, counts(9), lines, null, now).unseen).toEqual({ alert: 1 });
  });
});

describe("departures", () => {
  it("are what each edge gained since the counts before; the first counts move nobody", () => {
    const graph = {
      ...CHAIN,
      edges: [...CHAIN.edges, { id: "alert_error", source: "alert", source_port: "error", target: "end" }],
    };
    const departures = createDepartures(graph, CATALOGUE);
    const now = apply(COUNTS, [
      { op: "add", path: ["edge:size_big", "count"], value: 2 },
      { op: "add", path: ["edge:alert_error", "count"], value: 1 },
    ]);
    expect(departures(COUNTS, now)).toEqual([
      { edge: "size_big", count: 2, failed: false },
      { edge: "alert_error", count: 1, failed: true },
    ]);
    expect(departures(null, now)).toEqual([]);
    expect(departures(now, now)).toEqual([]);
  });
});

describe("numbers", () => {
  it("fit on a card, and never round to nothing or to everything", () => {
    expect([0, 12_480, 1_250_000].map(figure)).toEqual(["0", "12,480", "1.25M"]);
    expect([
      percent(0, 9),
      percent(1, 3000),
      percent(1, 300),
      percent(999, 1000),
      percent(9, 9),
      percent(1, 0),
    ]).toEqual(["0%", "<0.1%", "0.3%", "99%", "100%", "0%"]);
  });
});
