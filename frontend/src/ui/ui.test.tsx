import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lieDown } from "./FlowThumbnail";
import { JsonView } from "./JsonView";
import { initials } from "./names";
import { ago, clock, countdown, duration, money, plural } from "./time";

const NOW = Date.parse("2026-11-24T12:00:00Z");

describe("times", () => {
  it("are said as people say them", () => {
    expect([0, 40, 150, 7200].map((past) => ago(NOW - past * 1000, NOW))).toEqual([
      "now",
      "40 s ago",
      "2 min ago",
      "2 h ago",
    ]);
    expect(clock("2026-11-24T09:05:07Z", NOW, "UTC")).toBe("09:05:07");
    expect(clock("2026-11-22T09:05:07Z", NOW, "UTC")).toBe("Sun 09:05:07");
    expect(clock("2026-10-02T09:05:07Z", NOW, "UTC")).toBe("2 Oct 09:05");
    expect(clock("2026-11-24T23:30:00Z", NOW, "Asia/Tokyo")).toBe("Wed 08:30:00");
    expect(clock("nonsense", NOW)).toBe("–");
    expect([12, 1900, 14_900, 65_000, 7_500_000, 187_200_000].map(duration)).toEqual([
      "12 ms",
      "1.9 s",
      "15 s",
      "1 min 5 s",
      "2 h 5 min",
      "2 d 4 h",
    ]);
    expect([countdown(5_928_000), countdown(286_872_000), countdown(-5)]).toEqual([
      "01:38:48",
      "3 d 07:41:12",
      "00:00:00",
    ]);
  });

  it("count and cost with the digits that matter", () => {
    expect([money(0), money(0.2), money(0.001), money(114.6)]).toEqual(["–", "$0.20", "$0.001", "$114.60"]);
    expect([plural(1, "run"), plural(1200, "run")]).toEqual(["1 run", "1,200 runs"]);
  });

  it("never say 60 of anything", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), (ms) => !/\b60 (s|min)\b/.test(duration(ms))));
  });
});

describe("names", () => {
  it("become two letters", () => {
    expect(["Marketing ops", "it-lead@tandrel.example", "x", ""].map(initials)).toEqual(["MO", "IL", "X", "?"]);
  });
});

describe("FlowThumbnail", () => {
  const node = fc.record({
    x: fc.integer({ min: 0, max: 4000 }),
    y: fc.integer({ min: 0, max: 9000 }),
    h: fc.constantFrom(40, 76),
  });
  it("keeps every node inside the picture, whatever the drawing", () => {
    fc.assert(
      fc.property(fc.array(node, { maxLength: 40 }), (places) => {
        const nodes = places.map((place, index) => ({ id: String(index), kind: "data", w: 248, ...place }));
        for (const each of lieDown({ width: 0, height: 0, nodes, edges: [] }, 124, 42).nodes) {
          expect(each.x).toBeGreaterThanOrEqual(-0.01);
          expect(each.y).toBeGreaterThanOrEqual(-0.01);
          expect(each.x + each.w).toBeLessThanOrEqual(124.01);
          expect(each.y + each.h).toBeLessThanOrEqual(42.01);
        }
      }),
    );
  });
});

describe("JsonView", () => {
  it("shows what looks like markup as text, and folds what is deep", async () => {
    const value = { html: "<img src=x onerror=alert(1)>", deep: { a: { b: 1 } } };
    const { container } = render(<JsonView value={value} open={1} />);
    expect(container.querySelector("img")).toBeNull();
    expect(screen.getByText('"<img src=x onerror=alert(1)>"')).toBeInTheDocument();
    expect(screen.queryByText('"a"')).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "deep, 1 entries" }));
    expect(screen.getByText('"a"')).toBeInTheDocument();
  });
});
