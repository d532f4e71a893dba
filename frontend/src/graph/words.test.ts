import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromCel } from "./cel";
import { checkStructure, joinIssues } from "./check";
import { amount, duration, seconds } from "./duration";
import { freshId, validId } from "./names";
import { placePorts, portsOf, sharesOf } from "./ports";
import { route } from "./route";
import { DATES, type Group, OPS, type Op, type Row, type Rule, SPANS, TIMES, toCel, UNARY } from "./rules";
import { CATALOGUE, CHAIN, typeNamed } from "./sample.test-data";
import { summarise } from "./summary";

const path = fc.constantFrom("customer.traits.employees", "customer.email", "event.properties.plan");
const scalar = fc.oneof(fc.integer({ min: -9999, max: 9999 }), fc.string({ maxLength: 12 }));
const span = fc.constantFrom("30d", "2w", "1h 30m", "45s");
const did: fc.Arbitrary<Row> = fc
  .tuple(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.constantFrom(...(Object.keys(TIMES) as Op[])),
    fc.nat({ max: 99 }),
    fc.option(span),
  )
  .map(([event, op, value, within]) => ({ event, op, value, ...(within ? { within } : {}) }));
const compared: fc.Arbitrary<Row> = fc
  .tuple(path, fc.constantFrom(...OPS), scalar, fc.array(scalar, { minLength: 1, maxLength: 3 }), span)
  .map(([field, op, value, list, time]) => {
    if (SPANS.has(op)) return { field, op, value: time };
    if (DATES.has(op)) return { field, op, value: time === "30d" ? "2026-01-31" : "2026-01-31T10:00:00+01:00" };
    if (UNARY.has(op)) return { field, op };
    if (op === "in" || op === "not_in") return { field, op, value: list };
    return { field, op, value };
  });
const leaf = fc.oneof({ weight: 4, arbitrary: compared }, { weight: 1, arbitrary: did });
const nested = fc.letrec<{ rule: Rule; group: Group }>((tie) => ({
  rule: fc.oneof({ depthSize: "small" }, leaf, tie("group")),
  group: fc
    .tuple(fc.boolean(), fc.array(tie("rule"), { minLength: 2, maxLength: 3 }))
    .map(([all, rules]) => (all ? { all: rules } : { any: rules })),
}));

describe("rules", () => {
  it("come back from CEL as what they say, however they are nested", () => {
    fc.assert(
      fc.property(nested.group, (group) => {
        const back = fromCel(toCel(group));
        expect(back && toCel(back)).toBe(toCel(group));
      }),
    );
  });

  it("read what people write by hand", () => {
    expect(fromCel("customer.traits.employees > 100")).toEqual({
      all: [{ field: "customer.traits.employees", op: "gt", value: 100 }],
    });
    expect(fromCel("a.b == 'x' || !has(a.c)")).toEqual({
      any: [
        { field: "a.b", op: "eq", value: "x" },
        { field: "a.c", op: "not_exists" },
      ],
    });
    expect(fromCel("size(customer.traits.list) > 2 ? true : false")).toBeNull();
    expect(fromCel("customer.traits.employees >")).toBeNull();
  });
});

describe("summary", () => {
  it("says the first case and how many more, cut at thirty letters", () => {
    const config = {
      cases: [
        { id: "a", when: { all: [{ field: "customer.traits.employees", op: "gt", value: 100 }] } },
        { id: "b", when: "true" },
      ],
    };
    expect(summarise("{cases:first}", config).full).toBe("Employees > 100 and 1 more");
    expect(summarise("{subject:quoted}", { subject: "A subject that goes on for longer than a card" }).short).toBe(
      "“A subject that goes on for l…",
    );
    expect(summarise("Wait {for:duration}", { for: "2d" }).short).toBe("Wait 2 days");
    expect(summarise("{to}", {}).short).toBe("…");
  });
});

describe("durations", () => {
  it("read and say what the document writes", () => {
    expect(seconds("1h30m")).toBe(5400);
    expect(seconds("soon")).toBeNull();
    expect(duration("1d")).toBe("1 day");
    expect(amount("1h30m")).toEqual({ value: 90, unit: "m" });
  });
});

describe("ports", () => {
  it("put the straight way in the middle and the others where they lead", () => {
    expect(placePorts([-280, 0])).toEqual([0.2, 0.5]);
    expect(placePorts([0, 280])).toEqual([0.5, 0.8]);
    expect(placePorts([0])).toEqual([0.5]);
    expect(sharesOf(typeNamed("slack.message").ports, [null, null])).toEqual([0.5, 0.8]);
  });

  it("stay inside the card, once each, in the order of their targets", () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: -900, max: 900 }), { nil: null }), { minLength: 1, maxLength: 7 }),
        (offsets) => {
          const shares = placePorts(offsets);
          expect(new Set(shares.map((share) => share.toFixed(6))).size).toBe(offsets.length);
          for (const share of shares) expect(share >= 0.2 - 1e-9 && share <= 0.8 + 1e-9).toBe(true);
          const led = offsets.flatMap((offset, at) => (offset === null ? [] : [{ offset, share: shares[at] ?? 0 }]));
          for (const a of led) for (const b of led) if (a.offset < b.offset) expect(a.share).toBeLessThan(b.share);
        },
      ),
    );
  });

  it("follow the cases of a branch", () => {
    const config = {
      cases: [
        { id: "big", name: "" },
        { id: "small", name: "Small" },
      ],
    };
    expect(portsOf({ type: "branch", config }, undefined).map(({ label }) => label)).toEqual([
      "Case 1",
      "Small",
      "Everyone else",
    ]);
  });
});

describe("routes", () => {
  it("are straight where they can be and bend 28 below the source else", () => {
    expect(route({ x: 0, y: 0 }, { x: 0, y: 40 }).d).toBe("M0 0L0 34");
    expect(route({ x: 0, y: 0 }, { x: 100, y: 56 }).points[1]).toEqual({ x: 0, y: 28 });
  });
});

describe("structure", () => {
  it("says at once what is unreachable and what leads nowhere", () => {
    const cut = { ...CHAIN, edges: CHAIN.edges.slice(1) };
    const codes = checkStructure(cut, CATALOGUE).map(({ code, node }) => `${code} ${node}`);
    expect(codes).toContain("port_open start");
    expect(codes).toContain("unreachable end");
    expect(checkStructure(CHAIN, CATALOGUE).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("replaces the server's older answer about structure and keeps the rest", () => {
    const old = {
      code: "unreachable",
      severity: "error",
      message: "",
      node: "end",
      edge: "",
      field: "",
      fix: "",
    } as const;
    const kept = { ...old, code: "config_invalid", message: "Event is empty." };
    expect(joinIssues([], [old, kept, { ...kept, node: "gone" }], CHAIN)).toEqual([kept]);
  });
});

describe("ids", () => {
  it("are always valid and free, also from words that are CEL's own", () => {
    fc.assert(
      fc.property(fc.string(), fc.uniqueArray(fc.string()), (words, taken) => {
        const id = freshId(words, new Set(taken));
        expect(validId(id)).toBe(true);
        expect(taken).not.toContain(id);
      }),
    );
    expect(freshId("for", new Set())).toBe("for_2");
  });
});
