import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { insertRule, moveRule, removeRule, replaceRule, ruleAt } from "./ruleMoves";
import { flatten, type Group, type Leaf } from "./rules";
import { groupWords } from "./ruleWords";

const row = (field: string): Leaf => ({ field: `customer.traits.${field}`, op: "exists" });
const GROUP: Group = { all: [row("a"), { any: [row("b"), row("c")] }, row("d")] };
const order = (group: Group) =>
  flatten(group)
    .map((each) => ("field" in each ? each.field.slice(-1) : ""))
    .join("");

describe("moving rows", () => {
  it("within a group, into one, out of one; an emptied group goes", () => {
    expect(order(moveRule(GROUP, [0], [3]))).toBe("bcda");
    expect(order(moveRule(GROUP, [2], [0]))).toBe("dabc");
    expect(moveRule(GROUP, [0], [1, 1])).toEqual({ all: [{ any: [row("b"), row("a"), row("c")] }, row("d")] });
    expect(moveRule(GROUP, [1, 0], [0])).toEqual({ all: [row("b"), row("a"), { any: [row("c")] }, row("d")] });
    const one: Group = { all: [row("a"), { any: [row("b")] }] };
    expect(moveRule(one, [1, 0], [0])).toEqual({ all: [row("b"), row("a")] });
    expect(removeRule(one, [1, 0])).toEqual({ all: [row("a")] });
  });

  it("never loses or doubles a row, and never puts a group into itself", () => {
    const place = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(place, place, (from, to) => {
        const sorted = (group: Group) => [...order(group)].sort().join("");
        // A place below a row that is no group is none; the browser never offers it.
        fc.pre(to.length === 1 || to[0] === 1);
        fc.pre(ruleAt(GROUP, from) !== undefined);
        expect(sorted(moveRule(GROUP, from, to))).toBe("abcd");
      }),
    );
    expect(moveRule(GROUP, [1], [1, 0])).toBe(GROUP);
  });

  it("puts, takes and changes at a place", () => {
    expect(order(insertRule(GROUP, [1, 2], row("x")))).toBe("abcxd");
    expect(order(replaceRule(GROUP, [1, 0], row("x")))).toBe("axcd");
  });
});

describe("a condition read aloud", () => {
  it("says its rows, its groups and what was done", () => {
    expect(
      groupWords({
        all: [
          { field: "customer.traits.employees", op: "gt", value: 100 },
          {
            any: [
              { field: "customer.traits.country", op: "in", value: ["PT", "DE"] },
              { event: "Purchase", op: "gte", value: 2, within: "30d" },
            ],
          },
        ],
      }),
    ).toBe("Employees is over 100, and (Country is one of “PT” or “DE” or did Purchase at least 2 times in 30 days)");
    expect(groupWords({ any: [{ field: "customer.traits.signed_up", op: "within_last", value: "1w" }] })).toBe(
      "Signed up is in the last 1 week",
    );
  });
});
