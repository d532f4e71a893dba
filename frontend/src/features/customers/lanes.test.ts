import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JourneyItem } from "@/api/models";
import { type Bar, dots, placed, type Range, spanOf, startingRange, ticks } from "./lanes";

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

  it("never draws a run beyond now, nor beyond its end, however short it was", () => {
    const run = fc.record({
      ago: fc.integer({ min: 0, max: 3_600_000 }),
      took: fc.integer({ min: 0, max: 3_600_000 }),
    });
    fc.assert(
      fc.property(run, fc.integer({ min: 0, max: 12 }), ({ ago, took }, steps) => {
        const from = NOW - ago;
        const to = Math.min(NOW, from + took);
        const mark = (index: number) => ({
          id: String(index),
          at: from + ((to - from) * index) / 13,
          node: "n",
          failed: false,
        });
        const marks = Array.from({ length: steps }, (_, index) => mark(index));
        const bar: Bar = {
          id: "r",
          flow: "",
          version: 1,
          from,
          to,
          until: null,
          state: "succeeded",
          word: "",
          sentence: "",
          marks,
        };
        const span = spanOf("1h", [], NOW);
        const x = (at: number) => 172 + ((at - span.from) / (span.to - span.from)) * 800;
        const place = placed(bar, { x, left: 172, right: 972, words: "Completed" });
        expect(place.to).toBeLessThanOrEqual(Math.max(x(to), 172 + 9));
        expect(place.to).toBeLessThanOrEqual(x(NOW));
        expect(place.to - place.from).toBeGreaterThanOrEqual(8);
        for (const each of place.marks) {
          expect(each.x).toBeGreaterThan(place.from);
          expect(each.x + 6).toBeLessThan(place.to);
        }
      }),
    );
  });
});
