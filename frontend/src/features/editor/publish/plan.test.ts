import { describe, expect, it } from "vitest";
import type { PublishPlace, PublishPlan } from "@/api/models";
import { chosenAt, inFlight, moment, others, thenOf, undecided } from "./plan";

function place(over: Partial<PublishPlace>): PublishPlace {
  return {
    node: "nap",
    type: "wait.delay",
    name: "Nap",
    kind: "changed",
    changes: ["Wait for: 7 days → 3 days"],
    inside: 10,
    waiting: 10,
    due: 4,
    choice: "move",
    choices: ["move", "finish", "exit"],
    to: "",
    candidates: [],
    reaches: "",
    consequences: [
      { choice: "move", sentence: "They move." },
      { choice: "finish", sentence: "They finish." },
      { choice: "exit", sentence: "They leave." },
    ],
    ...over,
  };
}

function plan(...places: PublishPlace[]): PublishPlan {
  return {
    number: 8,
    published: 7,
    revision: 12,
    issues: [],
    inside: 100,
    staying: 0,
    places,
    segment: null,
    at: "2026-11-24T12:00:00Z",
    difference: {
      before: { version: 7, draft_revision: null },
      after: { version: null, draft_revision: 12 },
      same: false,
      behaves_differently: true,
      sentence: "1 step changed.",
      nodes: { added: [], removed: [], changed: [], moved: [] },
      edges: [],
      notes: [],
      settings: [],
    },
  };
}

const twoWays = place({
  node: "gone",
  name: "Gone",
  kind: "removed",
  choice: "",
  due: 0,
  candidates: [
    { id: "a", name: "A" },
    { id: "b", name: "B" },
  ],
});

describe("what is chosen at a place", () => {
  it("is what the plan chose until the author does", () => {
    expect(chosenAt(place({}), {})).toEqual({ choice: "move", to: "" });
    expect(chosenAt(place({}), { nap: { choice: "exit" } }).choice).toBe("exit");
  });

  it("must be said where customers stand and nothing is safe", () => {
    expect(undecided(plan(place({}), twoWays), {})?.node).toBe("gone");
    expect(undecided(plan(twoWays), { gone: { choice: "move" } })?.node).toBe("gone");
    expect(undecided(plan(twoWays), { gone: { choice: "move", to: "b" } })).toBeNull();
    expect(undecided(plan({ ...twoWays, inside: 0 }), {})).toBeNull();
  });
});

describe("the moment of publishing", () => {
  it("counts who moves, stays, leaves, is asked about, and what is sent", () => {
    const sends = place({ node: "send", choice: "", reaches: "E-mail 2" });
    const now = moment(plan(place({}), sends, twoWays), { send: { choice: "move" }, gone: { choice: "exit" } });
    expect(now).toEqual({ moves: 90, stays: 0, leaves: 10, open: 0, released: 8, messages: 4 });
    expect(moment(plan(twoWays), {})).toMatchObject({ moves: 90, open: 10 });
    expect(moment(plan(place({})), { nap: { choice: "finish" } })).toMatchObject({ moves: 90, stays: 10, released: 0 });
  });
});

describe("what is sent", () => {
  it("names each place with customers, and where those at a removed one go on", () => {
    const chosen = { gone: { choice: "move" as const, to: "b" } };
    expect(inFlight(plan(place({}), twoWays, place({ node: "empty", inside: 0 })), chosen)).toEqual({
      nodes: { nap: { choice: "move" }, gone: { choice: "move", to: "b" } },
    });
  });
});

describe("what a choice means", () => {
  it("is the server's sentence, or why nothing was chosen", () => {
    expect(thenOf(place({}), "finish", "")).toBe("They finish.");
    expect(thenOf(place({ reaches: "E-mail 2" }), "", "")).toContain("4 of them");
    expect(thenOf(twoWays, "", "")).toContain("several places");
    expect(thenOf(twoWays, "move", "b")).toBe("They go on at “B” at once.");
  });
});

it("lists what else is different without repeating the places", () => {
  const one = plan(place({}));
  const renamed = {
    id: "say",
    type: "x",
    name: "Say",
    moved: false,
    before: null,
    after: null,
    fields: [{ path: ["name"], kind: "changed" as const, sentence: "Renamed" }],
  };
  const nodes = {
    ...one.difference.nodes,
    changed: [renamed, { ...renamed, id: "nap" }],
    added: [{ id: "n", type: "x", name: "", position: null }],
  };
  expect(others({ ...one, difference: { ...one.difference, nodes } })).toEqual([
    { name: "n", type: "x", kind: "added", said: [] },
    { name: "Say", type: "x", kind: "changed", said: ["Renamed"] },
  ]);
});
