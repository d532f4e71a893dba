import { describe, expect, it } from "vitest";
import { inside } from "./next";

describe("inside", () => {
  it("keeps pages of this site and refuses every way out", () => {
    expect(inside("/runs?status=failed")).toBe("/runs?status=failed");
    for (const bad of [
      null,
      "",
      "runs",
      "//evil.example/x",
      "/\\evil.example",
      "https://evil.example",
      "javascript:alert(1)",
      "/signin?next=/",
    ]) {
      expect(inside(bad)).toBe("/");
    }
  });
});
