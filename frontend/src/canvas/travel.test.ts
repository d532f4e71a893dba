import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { easeTravel, pointOn, sampled, travelTime } from "./travel";

describe("a customer on the way", () => {
  it("never goes back, and arrives", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (a, b) => {
        const [early, late] = a < b ? [a, b] : [b, a];
        expect(easeTravel(early)).toBeLessThanOrEqual(easeTravel(late) + 1e-9);
      }),
    );
    expect([easeTravel(-1), easeTravel(0), easeTravel(1), easeTravel(2)]).toEqual([0, 0, 1, 1]);
    expect([travelTime(0), travelTime(200), travelTime(5000)]).toEqual([600, 1000, 1400]);
  });

  it("is on the line it travels", () => {
    const line = sampled(100, (distance) => ({ x: 10, y: distance }));
    fc.assert(
      fc.property(fc.double({ min: -50, max: 150, noNaN: true }), (distance) => {
        const at = pointOn(line, distance);
        expect(at.x).toBe(10);
        expect(at.y).toBeCloseTo(Math.min(100, Math.max(0, distance)), 6);
      }),
    );
    expect(
      pointOn(
        sampled(0, () => ({ x: 3, y: 4 })),
        9,
      ),
    ).toEqual({ x: 3, y: 4 });
  });
});
