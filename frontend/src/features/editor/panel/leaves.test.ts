import { describe, expect, it } from "vitest";
import { leavesOf } from "./leaves";

describe("the values of an answer", () => {
  it("are named as later steps read them", () => {
    const output = { company: { name: "Northwind", tags: ["saas", "b2b"] }, employees: 540, odd: null, "no path": 1 };
    expect(leavesOf("enrich", output)).toEqual([
      { path: "steps.enrich.output.company.name", value: "Northwind" },
      { path: "steps.enrich.output.company.tags[0]", value: "saas" },
      { path: "steps.enrich.output.employees", value: 540 },
      { path: "steps.enrich.output.odd", value: null },
    ]);
  });

  it("are bounded, however large the answer is", () => {
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`n${at}`, at]));
    expect(leavesOf("a", wide)).toHaveLength(200);
    expect(leavesOf("a", "plain")).toEqual([{ path: "steps.a.output", value: "plain" }]);
    expect(leavesOf("a", undefined)).toEqual([]);
  });
});
