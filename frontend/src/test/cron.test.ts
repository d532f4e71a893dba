import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAYS, readClock, shifted, windowWords } from "@/graph/clock";
import { cronWords, nextRuns, planOf, readCron, STEPS, toCron } from "@/graph/cron";
import { instantOf, offsetWords } from "@/graph/zone";
import crons from "../../../tests/fixtures/crons.json";

const written = (at: number) => `${new Date(at).toISOString().slice(0, 16)}Z`;

describe("cron", () => {
  it.each(crons)("$cron in $zone after $after: the server's moments", ({ cron, zone, after, next }) => {
    const read = readCron(cron);
    if (next === null) {
      expect("wrong" in read && read.wrong).toBeTruthy();
      return;
    }
    if ("wrong" in read) throw new Error(read.wrong);
    expect(nextRuns(read.cron, Date.parse(after), zone, next.length).map(written)).toEqual(next);
  });

  it("never goes back, and every moment fits", () => {
    const read = readCron("*/20 1-3 * * *");
    if ("wrong" in read) throw new Error(read.wrong);
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }),
        fc.constantFrom("Europe/Berlin", "America/New_York", "UTC"),
        (after, zone) => {
          const runs = nextRuns(read.cron, after, zone, 5);
          expect(runs).toHaveLength(5);
          expect(runs.every((at, index) => at > (runs[index - 1] ?? after))).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("comes back from its five parts as the plan it was", () => {
    const at = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([hour, minute]) => `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`);
    const plan = fc.oneof(
      fc.record({ every: fc.constant("minutes" as const), step: fc.constantFrom(...STEPS) }),
      fc.record({ every: fc.constant("hour" as const), minute: fc.integer({ min: 0, max: 59 }) }),
      fc.record({ every: fc.constant("day" as const), at }),
      fc.record({ every: fc.constant("week" as const), days: fc.subarray([...DAYS], { minLength: 1 }), at }),
      fc.record({
        every: fc.constant("month" as const),
        day: fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant("last" as const)),
        at,
      }),
    );
    fc.assert(
      fc.property(plan, (each) => {
        expect(planOf(toCron(each))).toEqual(each);
      }),
    );
  });

  it("is told in words where there are better ones", () => {
    expect(cronWords("0 9 * * 1-5")).toBe("On weekdays at 09:00");
    expect(cronWords("30 8 * * MON,THU")).toBe("Every Monday and Thursday at 08:30");
    expect(cronWords("0 0 L * *")).toBe("On the last day of every month at 00:00");
    expect(cronWords("0 7 22 * *")).toBe("On the 22nd of every month at 07:00");
    expect(cronWords("*/15 * * * *")).toBe("Every 15 minutes");
    expect(cronWords("0 9 1-7 * MON")).toBe("0 9 1-7 * MON");
  });
});

describe("times of day", () => {
  it("are read as people type them, and nothing else is", () => {
    for (const [typed, read] of [
      ["9", "09:00"],
      ["9:05", "09:05"],
      ["0930", "09:30"],
      ["21.30", "21:30"],
      ["9 pm", "21:00"],
      ["12am", "00:00"],
      ["24:00", null],
      ["9:60", null],
      ["13 pm", null],
      ["soon", null],
    ] as const)
      expect(readClock(typed)).toBe(read);
    expect(shifted("23:50", 15)).toBe("00:05");
    expect(shifted("00:00", -15)).toBe("23:45");
  });

  it("make windows that may cross midnight", () => {
    expect(windowWords("22:00", "06:00", ["mon", "tue", "wed", "thu", "fri"])).toBe(
      "From 22:00 until 06:00 the next day, on weekdays",
    );
    expect(windowWords("09:00", "17:00", [])).toBe("From 09:00 until 17:00, every day");
  });

  it("in the spring gap become the first minute after it, in the autumn fold the first of two (SEMANTICS 4.3)", () => {
    const gap = { year: 2027, month: 3, day: 28, hour: 2, minute: 30 };
    expect(written(instantOf(gap, "Europe/Berlin"))).toBe("2027-03-28T01:00Z");
    const fold = { year: 2026, month: 10, day: 25, hour: 2, minute: 30 };
    expect(written(instantOf(fold, "Europe/Berlin"))).toBe("2026-10-25T00:30Z");
    expect(offsetWords(Date.UTC(2026, 6), "Asia/Kolkata")).toBe("UTC+05:30");
  });
});
