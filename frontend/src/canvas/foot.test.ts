import { describe, expect, it } from "vitest";
import { brief, tight } from "./foot";

describe("the end of a slim card", () => {
  it("says a time to go in fewer letters", () => {
    expect(brief("1 d 23:58 left")).toBe("1 d left");
    expect(brief("01:38:48 left")).toBe("01:38 left");
    expect(brief("next try in 2 d 01:00")).toBe("next try in 2 d");
    expect(brief("due now")).toBe("due now");
  });

  it("yields to the name where both do not fit", () => {
    expect(tight("Two days", [{ glyph: "waiting", strong: "15" }])).toBe(false);
    expect(tight("Demo booked by the sales team", [{ glyph: "waiting", strong: "1 d 23:58 left" }])).toBe(true);
  });
});
