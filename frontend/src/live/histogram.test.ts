import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucket, LAST_BUCKET, quantile } from "./histogram";

describe("histogram", () => {
  it("puts known durations where the server puts them", () => {
    // The same table stands in the tests of flowstudio/domain/histogram.py.
    expect([0, 0.001, 0.002, 0.0021, 1, 60, 86_400].map(bucket)).toEqual([0, 0, 4, 5, 40, 64, 106]);
    expect(bucket(Number.NaN)).toBe(0);
    expect(bucket(1e30)).toBe(LAST_BUCKET);
  });

  it("gives back a quantile within a quarter octave of the true one", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.002, max: 1e6, noNaN: true }), { minLength: 1 }), (durations) => {
        const counts: Record<string, number> = {};
        for (const each of durations) counts[bucket(each)] = (counts[bucket(each)] ?? 0) + 1;
        const sorted = [...durations].sort((a, b) => a - b);
        const truth = sorted[Math.ceil(sorted.length * 0.5) - 1] ?? 0;
        const got = quantile(counts, 0.5) ?? 0;
        expect(got).toBeGreaterThanOrEqual(truth * 0.999);
        expect(got).toBeLessThanOrEqual(truth * 2 ** 0.25 * 1.001);
      }),
    );
    expect(quantile({}, 0.5)).toBeNull();
  });
});
