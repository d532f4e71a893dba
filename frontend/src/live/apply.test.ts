import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apply, type Change } from "./apply";

type Tree = Record<string, unknown>;

/** Keys that would break a naive reducer are ordinary ids here. */
const key = fc.constantFrom("a", "b", "c", "__proto__", "constructor", "toString");
const path = fc.array(key, { minLength: 1, maxLength: 3 });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    op: fc.constant("set" as const),
    path,
    value: fc.oneof(fc.integer(), fc.constant("x"), fc.constant({ z: 1 })),
  }),
  fc.record({ op: fc.constant("add" as const), path, value: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ op: fc.constant("remove" as const), path }),
);

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}

describe("apply", () => {
  it("sets, adds and removes at a path", () => {
    const state = { nodes: { a: { inside: 2 } }, list: ["x"] };
    expect(
      apply(state, [
        { op: "add", path: ["nodes", "a", "inside"], value: -1 },
        { op: "add", path: ["nodes", "b", "entered"], value: 3 },
        { op: "add", path: ["list"], value: "y" },
        { op: "set", path: ["flow", "state"], value: "live" },
        { op: "remove", path: ["nothing", "here"] },
      ]),
    ).toEqual({ nodes: { a: { inside: 1 }, b: { entered: 3 } }, list: ["x", "y"], flow: { state: "live" } });
    expect(state).toEqual({ nodes: { a: { inside: 2 } }, list: ["x"] });
  });

  it("writes and removes places of a list, and replaces the whole state for an empty path", () => {
    expect(
      apply({ list: [1, 2, 3] }, [
        { op: "set", path: ["list", 1], value: 9 },
        { op: "remove", path: ["list", 0] },
      ]),
    ).toEqual({ list: [9, 3] });
    expect(apply({ a: 1 }, [{ op: "set", path: [], value: { b: 2 } }])).toEqual({ b: 2 });
  });

  it("is the same in one go and change by change, and never touches the old state", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const start: Tree = { a: { a: 1, b: { c: 2 } }, c: 5 };
        freeze(start);
        const whole = apply(start, changes);
        const piecewise = changes.reduce<Tree>((state, each) => {
          freeze(state);
          return apply(state, [each]);
        }, start);
        expect(whole).toEqual(piecewise);
        expect(({} as Tree).polluted).toBeUndefined();
        expect(Object.getPrototypeOf(whole)).toBe(Object.prototype);
      }),
    );
  });

  it("snapshot and deltas make the new snapshot: counters add up in any grouping", () => {
    const delta = fc.record({ node: fc.constantFrom("a", "b", "__proto__"), by: fc.integer({ min: -5, max: 5 }) });
    fc.assert(
      fc.property(fc.array(delta), fc.nat(), (deltas, cut) => {
        const changes = deltas.map(({ node, by }): Change => ({ op: "add", path: ["nodes", node, "n"], value: by }));
        const at = deltas.length ? cut % deltas.length : 0;
        const state = apply(apply<Tree>({ nodes: {} }, changes.slice(0, at)), changes.slice(at));
        for (const node of ["a", "b", "__proto__"]) {
          const mine = deltas.filter((each) => each.node === node);
          const nodes = state.nodes as Tree;
          const got = Object.hasOwn(nodes, node) ? (Reflect.get(nodes, node) as { n: number }).n : undefined;
          expect(got).toBe(mine.length ? mine.reduce((sum, each) => sum + each.by, 0) : undefined);
        }
      }),
    );
  });

  it("keeps untouched branches the same objects", () => {
    const state = { nodes: { a: { n: 1 }, b: { n: 1 } }, edges: {} };
    const next = apply(state, [{ op: "add", path: ["nodes", "a", "n"], value: 1 }]);
    expect(next.nodes.b).toBe(state.nodes.b);
    expect(next.edges).toBe(state.edges);
    expect(next.nodes.a).not.toBe(state.nodes.a);
  });
});
