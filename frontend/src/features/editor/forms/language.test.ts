import { describe, expect, it } from "vitest";
import { nameAt } from "./language";

describe("the name under the pointer", () => {
  it("is the whole path, wherever in it one points", () => {
    const line = "a && customer.traits.employees > 100";
    expect(nameAt(line, 8)).toEqual({ path: "customer.traits.employees", from: 5 });
    expect(nameAt(line, 30)).toEqual({ path: "customer.traits.employees", from: 5 });
    expect(nameAt(line, 2)).toBeNull();
    expect(nameAt(line, 34)).toBeNull();
  });
});
