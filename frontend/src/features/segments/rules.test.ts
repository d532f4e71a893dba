import { describe, expect, it } from "vitest";
import { FRESH_DID, FRESH_TRAIT, finished, readRule, traitPath, typed, writeRule } from "./rules";

describe("a segment's rule", () => {
  it("comes back as it was written", () => {
    const rule = {
      any: [
        { field: "customer.traits.plan", op: "eq", value: "Team" },
        { event: "Paid", op: "did_not", times: 3, within: "7d" },
      ],
    };
    const read = readRule(rule);
    expect(read && writeRule(read)).toEqual(rule);
  });

  it("is not drawn where groups stand inside", () => {
    expect(readRule({ all: [{ any: [] }] })).toBeNull();
    expect(readRule(null)).toBeNull();
  });

  it("is asked about only when every row says something", () => {
    const paid = { ...FRESH_DID, event: "Paid" };
    expect(finished({ join: "all", rows: [] })).toBe(false);
    expect(finished({ join: "all", rows: [paid] })).toBe(true);
    expect(finished({ join: "all", rows: [paid, FRESH_TRAIT] })).toBe(false);
    expect(finished({ join: "all", rows: [{ ...paid, times: 0 }] })).toBe(false);
    expect(finished({ join: "all", rows: [{ field: "customer.traits.plan", op: "exists" }] })).toBe(true);
  });

  it("takes names and values as people type them", () => {
    expect(traitPath("Job title ")).toBe("customer.traits.Job_title");
    expect(traitPath("customer.email")).toBe("customer.email");
    expect([typed("12"), typed('"12"'), typed("true"), typed("Team")]).toEqual([12, "12", true, "Team"]);
  });
});
