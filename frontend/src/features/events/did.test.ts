import { describe, expect, it } from "vitest";
import type { EventRow, Outcome } from "@/api/models";
import { deeds } from "./did";

function event(over: Partial<EventRow>): EventRow {
  return {
    id: "e",
    type: "track",
    name: "Signed Up",
    message_id: "m",
    source: "app",
    customer: null,
    user_id: "",
    anonymous_id: "",
    occurred_at: "2026-11-24T10:00:00Z",
    received_at: "2026-11-24T10:00:00Z",
    clamped: false,
    status: "done",
    problem: "",
    conflicts: 0,
    outcome: [],
    payload: {},
    ...over,
  };
}

describe("deeds", () => {
  it("always says something, also when no flow uses the event", () => {
    expect(deeds(event({}))).toEqual([{ kind: "nothing", text: "no flow uses it" }]);
    expect(deeds(event({ type: "identify" }))[0]?.text).toBe("kept who they are");
    expect(deeds(event({ status: "rejected", problem: "no customer id" }))[0]).toEqual({
      kind: "rejected",
      text: "no customer id",
    });
  });

  it("puts what it started before what refused it", () => {
    const outcome: Outcome[] = [
      { flow: "f2", flow_name: "Leads", refused: "its filter wants plan to be Enterprise" },
      { flow: "f1", flow_name: "Onboarding", run: "r1" },
      { woke: "r2" },
    ];
    expect(deeds(event({ outcome })).map((each) => each.kind)).toEqual(["started", "woke", "refused"]);
    expect(deeds(event({ outcome }))[0]).toEqual({ kind: "started", text: "started Onboarding", run: "r1" });
  });
});
