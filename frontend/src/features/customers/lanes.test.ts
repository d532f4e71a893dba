import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JourneyItem } from "@/api/models";
import { dots, type Range, spanOf, startingRange, ticks } from "./lanes";

type EventItem = Extract<JourneyItem, { kind: "event" }>;
const NOW = Date.parse("2026-11-24T12:00:00Z");

function event(ago: number): EventItem {
  const at = new Date(NOW - ago).toISOString();
  return {
    kind: "event",
    at,
    id: String(ago),
    type: "track",
    name: "Page Viewed",
    message_id: "",
    source: "",
    customer: null,
    user_id: "",
    anonymous_id: "",
    occurred_at: at,
    received_at: at,
    clamped: false,
    status: "done",
    problem: "",
    conflicts: 0,
    outcome: [],
    payload: {},
  };
}

const ages = fc.array(fc.integer({ min: 0, max: 90 * 86_400_000 }), { minLength: 1, maxLength: 60 });

describe("lanes", () => {
  it("starts with a range that holds everything so far", () => {
    fc.assert(
      fc.property(ages, (each) => {
        const items = each.map(event);
        const span = spanOf(startingRange(items, NOW), items, NOW);
        for (const item of items) {
          expect(Date.parse(item.at)).toBeGreaterThanOrEqual(span.from);
          expect(Date.parse(item.at)).toBeLessThanOrEqual(span.to);
        }
        expect(span.to).toBeGreaterThan(NOW);
      }),
    );
  });

  it("never drops an event when dots are put together", () => {
    fc.assert(
      fc.property(ages, (each) => {
        const span = spanOf("all", each.map(event), NOW);
        const made = dots(each.map(event), span, 800);
        expect(made.reduce((sum, dot) => sum + dot.count, 0)).toBe(each.length);
      }),
    );
  });

  it("writes a handful of round moments in order", () => {
    for (const range of ["1h", "24h", "7d", "30d"] satisfies Range[]) {
      const made = ticks(spanOf(range, [], NOW));
      expect(made.length).toBeGreaterThan(2);
      expect(made.length).toBeLessThanOrEqual(9);
      expect(made.map((tick) => tick.at)).toEqual(made.map((tick) => tick.at).sort((a, b) => a - b));
    }
  });
});
