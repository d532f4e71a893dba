import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Graph } from "@/graph/document";
import { CATALOGUE, CHAIN } from "@/graph/sample.test-data";
import { aside, dayOf, overlayOf, why } from "./path";
import { bodyOf, choices, QUESTION, type SimulatedStep } from "./question";
import { readsOf, readValue, saidAs, waitedEvents } from "./reads";

const T0 = Date.parse("2026-11-24T10:00:00Z");
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();

function step(node: string, over: Partial<SimulatedStep> = {}): SimulatedStep {
  return {
    seq: 1,
    node,
    name: node,
    type: CHAIN.nodes.find((each) => each.id === node)?.type ?? "branch",
    visit: 1,
    status: "done",
    entered_at: at(0),
    left_at: at(0),
    port: "out",
    edge: "",
    edges: [],
    reason: "",
    sentence: "",
    flagged: "",
    reads: {},
    input: null,
    output: null,
    traits: {},
    cost: 0,
    origin: "flow",
    assumed: false,
    gate: [],
    ...over,
  };
}

const first = CHAIN.edges.find((edge) => edge.source === "start");
const big = CHAIN.edges.find((edge) => edge.source === "size" && edge.source_port === "big");
if (!first || !big) throw new Error("the sample has lost its edges");
const steps = [
  step("start", { edges: [first.id] }),
  step("size", { edges: [big.id], port: "big", sentence: "employees is 540, more than 100" }),
  step(big.target, { entered_at: at(5), left_at: at(5) }),
];

describe("the path on the canvas", () => {
  it("shows what is reached, fades the rest, and draws a line once its next step has begun", () => {
    const early = overlayOf(CHAIN, CATALOGUE, steps, 0, T0);
    expect(early.nodes.start?.faded).toBeUndefined();
    expect(early.nodes.size).toEqual({ faded: true });
    expect(early.edges[first.id]).toEqual({ state: "faded" });
    const later = overlayOf(CHAIN, CATALOGUE, steps, 1, T0);
    expect(later.edges[first.id]?.state).toBe("taken");
    expect(later.edges[big.id]).toEqual({ state: "faded" });
  });

  it("says at a branch why it was taken", () => {
    const whole = overlayOf(CHAIN, CATALOGUE, steps, 2, T0);
    expect(whole.edges[big.id]).toEqual({ state: "taken", label: "employees is 540, more than 100" });
  });

  it("counts visits of a loop on its card and line", () => {
    const twice = [steps[0], steps[1], { ...steps[1], visit: 2, seq: 3 }, steps[2]] as SimulatedStep[];
    const drawn = overlayOf(CHAIN, CATALOGUE, twice, 3, T0);
    expect(drawn.nodes.size?.volume).toBe("2×");
    expect(drawn.edges[big.id]?.value).toBe("2×");
  });

  it("tells what nobody chose, and that no message leaves", () => {
    expect(aside(step("a", { assumed: true }), "vendor")).toBe("assumed");
    expect(aside(step("a", { assumed: true, cost: 0.2 }), "vendor")).toBe("$0.20");
    expect(aside(step("a", { cost: 0.2 }), "person")).toBe("not sent");
    expect(why(step("a", { sentence: "assumed: found" }))).toBe("Found");
  });

  it("counts days from the beginning", () => {
    expect(dayOf(at(0), at(86_399))).toBe(1);
    expect(dayOf(at(0), at(86_400))).toBe(2);
  });
});

describe("the question", () => {
  it("leaves out what is assumed", () => {
    expect(bodyOf(QUESTION, "Signed Up")).toEqual({});
    expect(choices(QUESTION)).toBe(0);
  });

  it("says who, by what, when, and how the world answers", () => {
    const asked = {
      who: { name: "Ada", email: "", traits: { employees: 540 } },
      properties: { plan: "team" },
      at: at(0),
      answers: { enrich: { port: "not_found" } },
      events: { Bought: "3d" },
      seed: 7,
    };
    expect(bodyOf(asked, "Signed Up")).toEqual({
      customer: { name: "Ada", traits: { employees: 540 } },
      event: { name: "Signed Up", properties: { plan: "team" } },
      at: at(0),
      outcomes: { enrich: [{ port: "not_found" }] },
      events: [{ event: "Bought", at: "3d" }],
      seed: 7,
    });
    expect(bodyOf({ ...QUESTION, answers: asked.answers }, "", true).outcomes?.enrich).toHaveLength(100);
    expect(bodyOf({ ...QUESTION, who: { id: "c1", name: "Ada" } }, "").customer).toBe("c1");
  });
});

describe("what the flow reads", () => {
  const graph: Graph = {
    ...CHAIN,
    nodes: [
      ...CHAIN.nodes,
      {
        id: "wait",
        type: "wait.event",
        name: "Bought?",
        position: { x: 0, y: 0 },
        config: { branches: [{ id: "b", event: "Bought", filter: "event.properties.total > 3" }], timeout: "5d" },
      },
      {
        id: "off",
        type: "wait.event",
        name: "",
        position: { x: 0, y: 0 },
        disabled: true,
        config: { branches: [{ event: "No" }] },
      },
    ],
  };

  it("finds traits, properties and awaited events, not those of steps that are switched off", () => {
    expect(readsOf(graph)).toEqual({ traits: ["employees"], properties: ["total"] });
    expect(waitedEvents(graph)).toEqual([{ event: "Bought", node: "wait" }]);
  });

  it("reads a value as it was said, and says it as it reads", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.array(fc.integer())), (value) => {
        expect(readValue(saidAs(value))).toEqual(value);
      }),
    );
    expect(readValue("540")).toBe(540);
    expect(readValue("5 apples")).toBe("5 apples");
  });
});
