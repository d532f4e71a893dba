import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Line } from "./data";
import { joined, newestFirst, standing } from "./stream";

function line(run: string, seconds: number, over: Partial<Line> = {}): Line {
  const at = new Date(Date.parse("2026-11-24T10:00:00Z") + seconds * 1000).toISOString();
  return {
    run,
    customer: { id: run, name: run, email: "" },
    node: "a",
    status: "active",
    state: "waiting",
    sentence: "",
    at,
    ...over,
  };
}
const runs = (lines: readonly Line[]) => lines.map((each) => each.run);

describe("the stream", () => {
  it("stands newest first, in one order whatever order it arrives in", () => {
    const lines = fc.uniqueArray(fc.record({ run: fc.uuid(), at: fc.nat(20) }), { selector: ({ run }) => run });
    fc.assert(
      fc.property(lines, (made) => {
        const all = made.map(({ run, at }) => line(run, at));
        const sorted = newestFirst(all);
        expect(newestFirst(all.toReversed())).toEqual(sorted);
        for (const [index, each] of sorted.entries()) {
          const next = sorted[index + 1];
          if (next) expect(each.at >= next.at).toBe(true);
        }
      }),
    );
  });

  it("believes the live line about a run more than a list that was fetched", () => {
    const fetched = [line("a", 0, { status: "failed" }), line("b", 1, { status: "failed" })];
    const live = { a: line("a", 9), c: line("c", 5, { status: "failed", node: "b" }) };
    expect(runs(joined(live, fetched, "failed", null))).toEqual(["c", "b"]);
    expect(runs(joined(live, fetched, "all", "a"))).toEqual(["a", "b"]);
    expect(runs(joined(live, [], "active", null))).toEqual(["a"]);
  });

  it("holds its rows still while it is read, and counts what moved meanwhile", () => {
    const frozen = [line("b", 2), line("a", 1)];
    const now = [line("c", 9), line("a", 8, { sentence: "moved" }), line("b", 2)];
    const { rows, fresh } = standing(frozen, now);
    expect(runs(rows)).toEqual(["b", "a"]);
    expect(rows[1]?.sentence).toBe("moved");
    expect(fresh).toBe(2);
    // A run that fell out of the newest forty keeps its row until the list is renewed.
    expect(runs(standing(frozen, []).rows)).toEqual(["b", "a"]);
  });
});
