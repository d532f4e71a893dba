/** What is built with cards, lines, groups and branches: every operation keeps a graph whole and can be undone. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chain, maySwitchOff, portMap, reconnect, replaceNode, switchOff } from "./alter";
import { ARRANGEMENTS, type Arrangement, arrange, nudge } from "./arrange";
import { branchesOf, branchOf, copyBranch, fits, moveBranch } from "./branches";
import { duplicate, graft, part, paste, pastedGraph, readPasted } from "./clipboard";
import { type Graph, readGraph, sameGraph } from "./document";
import { carried, fold, group, groupsOf, leaveGroup, renameGroup, setCollapsed, spread, ungroup } from "./groups";
import { advance, begin, goTo, type History, join, labels, redo, settle, standing, undo } from "./history";
import { merge } from "./merge";
import { addNode, addNote, type Change, connect, editNote, move, type Place, remove, rename } from "./operations";
import { boxOf } from "./room";
import { CATALOGUE, CHAIN, faults, graphs, node, typeNamed } from "./sample.test-data";
import { overlap } from "./size";

const links = (graph: Graph) => graph.edges.map((each) => `${each.source}.${each.source_port}>${each.target}`).sort();
const named = (graph: Graph, id: string) => graph.nodes.find((each) => each.id === id);

interface Step {
  kind: number;
  a: number;
  b: number;
}

const KINDS = 24;
const steps: fc.Arbitrary<Step[]> = fc.array(fc.record({ kind: fc.nat(KINDS - 1), a: fc.nat(99), b: fc.nat(99) }), {
  maxLength: 16,
});

/** One edit of any kind, chosen by numbers; null where it does not apply. */
function perform(graph: Graph, { kind, a, b }: Step): Change | null {
  const at = <T>(items: readonly T[], index: number) => items[index % Math.max(1, items.length)];
  const [one, other] = [at(graph.nodes, a), at(graph.nodes, b)];
  const [line, next] = [at(graph.edges, a), at(graph.edges, b)];
  const set = at(groupsOf(graph), a);
  const note = at(graph.notes, a);
  const fresh = typeNamed(["slack.message", "branch", "wait.delay", "exit"][b % 4] ?? "exit");
  const ids = [one?.id ?? "", other?.id ?? ""];
  const place: Place =
    next && a % 2 ? { kind: "edge", edge: next.id } : { kind: "port", node: ids[1] ?? "", port: "out" };
  const cases: (() => Change | null)[] = [
    () => addNode(graph, CATALOGUE, fresh, { kind: "point", at: { x: a * 10, y: b * 10 } }),
    () => (line ? addNode(graph, CATALOGUE, fresh, { kind: "edge", edge: line.id }) : null),
    () => connect(graph, CATALOGUE, ids[0] ?? "", b % 2 ? "out" : "else", ids[1] ?? ""),
    () => remove(graph, CATALOGUE, [ids[0] ?? "", next?.id ?? "", set && b % 3 === 0 ? set.id : ""]),
    () => move(graph, carried(graph, CATALOGUE, { [set && b % 2 ? set.id : (ids[0] ?? "")]: { x: b * 8, y: a * 8 } })),
    () => rename(graph, ids[0] ?? "", `name ${b}`),
    () => duplicate(graph, CATALOGUE, [...ids, ...(set ? [set.id] : [])]),
    () => (one ? replaceNode(graph, CATALOGUE, one.id, fresh) : null),
    () => switchOff(graph, CATALOGUE, ids),
    () => (line ? reconnect(graph, CATALOGUE, line.id, { target: ids[1] ?? "" }) : null),
    () => (line ? reconnect(graph, CATALOGUE, line.id, { source: ids[1] ?? "", port: a % 2 ? "out" : "error" }) : null),
    () => moveBranch(graph, CATALOGUE, ids[0] ?? "", place),
    () => copyBranch(graph, CATALOGUE, ids[0] ?? "", place),
    () => group(graph, ids, `group ${a}`),
    () => (set ? ungroup(graph, [set.id]) : null),
    () => (set ? renameGroup(graph, set.id, `named ${b}`) : null),
    () => (set ? setCollapsed(graph, CATALOGUE, set.id, b % 2 === 0) : null),
    () => leaveGroup(graph, ids),
    () =>
      arrange(
        graph,
        CATALOGUE,
        graph.nodes.map(({ id }) => id),
        at(Object.keys(ARRANGEMENTS), b) as Arrangement,
      ),
    () => nudge(graph, ids, a % 9, b % 9),
    () => addNote(graph, { x: a, y: b }, "text"),
    () =>
      note ? editNote(graph, note.id, b % 2 ? { text: `${a}` } : { color: "blue", size: { w: 200, h: 90 } }) : null,
    () => chain(graph, CATALOGUE, ids),
    () => paste(graph, part(graph, ids), { x: a * 8, y: b * 8 }),
  ];
  return (one || kind === 0 ? cases[kind]?.() : null) ?? null;
}

/** Faults of the graph and of its groups. */
function wrong(graph: Graph): string[] {
  const members = groupsOf(graph).flatMap(({ nodes }) => nodes);
  const found = faults(graph);
  const ids = [...graph.nodes, ...graph.edges, ...graph.notes, ...groupsOf(graph)].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) found.push("an id stands twice");
  if (new Set(members).size !== members.length) found.push("a card is in two groups");
  if (members.some((id) => !named(graph, id))) found.push("a group holds what is not there");
  if (groupsOf(graph).some(({ nodes }) => !nodes.length)) found.push("a group is empty");
  if (graph.groups && !graph.groups.length) found.push("no groups are written down");
  return found;
}

describe("every operation", () => {
  it("keeps ids unique, lines between cards that are there, and groups whole", () => {
    fc.assert(
      fc.property(graphs, steps, (start, list) => {
        let graph = start;
        for (const step of list) {
          const change = perform(graph, step);
          if (!change) continue;
          expect(change.label).not.toBe("");
          graph = change.graph;
          expect(wrong(graph)).toEqual([]);
          for (const id of change.select ?? [])
            expect(spread(graph, [id]).size, `${change.label} chooses what is there`).toBeGreaterThan(0);
        }
        expect(sameGraph(readGraph(JSON.parse(JSON.stringify(graph))), graph)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("leaves the graph it was given as it was", () => {
    fc.assert(
      fc.property(graphs, steps, (start, list) => {
        let graph = start;
        for (const step of list) {
          const before = JSON.stringify(graph);
          const next = perform(graph, step)?.graph;
          expect(JSON.stringify(graph)).toBe(before);
          graph = next ?? graph;
        }
      }),
      { numRuns: 80 },
    );
  });

  it("is undone exactly, done again exactly, and every step can be gone to by its name", () => {
    fc.assert(
      fc.property(graphs, steps, fc.nat(40), (start, list, pick) => {
        const seen: Graph[] = [start];
        const said: string[] = [];
        let history: History = begin(start);
        for (const step of list) {
          const change = perform(history.present, step);
          if (!change || change.graph === history.present) continue;
          history = settle(advance(history, change));
          seen.push(history.present);
          said.push(change.label);
        }
        expect(labels(history)).toEqual(said);
        const to = pick % seen.length;
        const gone = goTo(history, to);
        expect(gone.present).toBe(seen[to]);
        expect(standing(gone)).toBe(to);
        expect(labels(gone)).toEqual(said);
        expect(goTo(gone, said.length).present).toBe(history.present);
        let back = history;
        while (back.past.length) back = undo(back);
        expect(back.present).toBe(start);
        while (back.future.length) back = redo(back);
        expect(back.present).toBe(seen.at(-1));
      }),
      { numRuns: 200 },
    );
  });

  it("draws collapsed groups with every line that crosses them, and nothing that dangles", () => {
    fc.assert(
      fc.property(graphs, steps, (start, list) => {
        const graph = list.reduce((each, step) => perform(each, step)?.graph ?? each, start);
        const { graph: drawn, frames } = fold(graph, CATALOGUE);
        const ids = new Set(drawn.nodes.map(({ id }) => id));
        expect(drawn.edges.every((each) => ids.has(each.source) && ids.has(each.target))).toBe(true);
        const closed = groupsOf(graph).filter(({ collapsed }) => collapsed);
        const hidden = new Map(closed.flatMap((each) => each.nodes.map((id) => [id, each.id])));
        const crossing = graph.edges.filter(
          (each) => !hidden.has(each.source) || hidden.get(each.source) !== hidden.get(each.target),
        );
        expect(drawn.edges.map(({ id }) => id).sort()).toEqual(crossing.map(({ id }) => id).sort());
        expect(frames.length + closed.length).toBe(groupsOf(graph).length);
      }),
      { numRuns: 150 },
    );
  });
});

describe("somebody else's changes", () => {
  it("are in every step, so that going back undoes one's own alone", () => {
    const theirs = rename(CHAIN, "end", "Theirs").graph;
    let history = begin(CHAIN);
    for (const name of ["A", "B"]) history = settle(advance(history, rename(history.present, "alert", name)));
    history = undo(history);
    const into = (graph: Graph) => merge(CHAIN, graph, theirs).mine;
    history = join(history, into(history.present), into);
    const names = (graph: Graph) => [named(graph, "alert")?.name, named(graph, "end")?.name];
    expect(names(history.present)).toEqual(["A", "Theirs"]);
    expect(names(undo(history).present)).toEqual(["alert", "Theirs"]);
    expect(names(redo(history).present)).toEqual(["B", "Theirs"]);
  });
});

describe("replacing", () => {
  it("keeps the id, the place and the lines, and takes over what both forms have", () => {
    const change = replaceNode(CHAIN, CATALOGUE, "pause", typeNamed("slack.message"));
    expect(links(change?.graph ?? CHAIN)).toEqual(links(CHAIN));
    expect(named(change?.graph ?? CHAIN, "pause")).toMatchObject({ type: "slack.message", position: { x: 0, y: 248 } });
    expect(change?.label).toBe("Replace pause with Slack message");
    const end = named(change?.graph ?? CHAIN, "end")?.position?.y ?? 0;
    expect(end).toBeGreaterThanOrEqual(248 + 76 + 40);
  });

  it("never makes a step of a trigger or a trigger of a step", () => {
    expect(replaceNode(CHAIN, CATALOGUE, "start", typeNamed("exit"))).toBeNull();
    expect(replaceNode(CHAIN, CATALOGUE, "end", typeNamed("trigger.event"))).toBeNull();
  });

  it("maps ports by name, then main to main and error to error", () => {
    const port = (id: string, kind = "main") => ({ id, kind });
    expect([...portMap([port("out"), port("error", "error")], [port("error", "error"), port("out")])]).toEqual([
      ["out", "out"],
      ["error", "error"],
    ]);
    expect([...portMap([port("big"), port("else"), port("error", "error")], [port("yes"), port("else")])]).toEqual([
      ["else", "else"],
      ["big", "yes"],
    ]);
  });
});

describe("switching off", () => {
  it("switches all chosen steps off, then on, and leaves triggers alone", () => {
    const off = switchOff(CHAIN, CATALOGUE, ["start", "pause", "alert"]);
    expect(off?.label).toBe("Switch off 2 steps");
    expect(off?.graph.nodes.filter((each) => each.disabled).map(({ id }) => id)).toEqual(["alert", "pause"]);
    const on = switchOff(off?.graph ?? CHAIN, CATALOGUE, ["alert", "pause"]);
    expect(sameGraph(on?.graph ?? CHAIN, CHAIN)).toBe(true);
    expect(switchOff(CHAIN, CATALOGUE, ["start"])).toBeNull();
    expect(maySwitchOff(node("j", "join"), CATALOGUE)).toBe(false);
  });
});

describe("lines", () => {
  it("lead elsewhere and stay the same line", () => {
    const change = reconnect(CHAIN, CATALOGUE, "size_big", { target: "end" });
    expect(links(change?.graph ?? CHAIN)).toContain("size.big>end");
    expect(change?.graph.edges.some(({ id }) => id === "size_big")).toBe(true);
    expect(change?.label).toBe("Lead to end");
  });

  it("begin at another port, and what began there gives way", () => {
    const change = reconnect(CHAIN, CATALOGUE, "size_big", { source: "size", port: "else" });
    expect(links(change?.graph ?? CHAIN)).toEqual(["pause.out>end", "size.else>alert", "start.out>size"]);
  });

  it("make no circle and lead into no trigger", () => {
    expect(reconnect(CHAIN, CATALOGUE, "pause_out", { target: "size" })).toBeNull();
    expect(reconnect(CHAIN, CATALOGUE, "pause_out", { target: "start" })).toBeNull();
    expect(reconnect(CHAIN, CATALOGUE, "pause_out", { target: "end" })).toBeNull();
  });
});

describe("branches", () => {
  it("hold what is reached through their head alone", () => {
    expect([...branchOf(CHAIN, "pause")].sort()).toEqual(["end", "pause"]);
    const joined = connect(CHAIN, CATALOGUE, "alert", "out", "end")?.graph ?? CHAIN;
    expect([...branchOf(joined, "pause")]).toEqual(["pause"]);
    expect(branchOf(joined, "size").size).toBe(4);
    expect(branchesOf(joined, ["alert", "pause"]).size).toBe(2);
  });

  it("move whole behind another port, with the same cards", () => {
    const change = moveBranch(CHAIN, CATALOGUE, "pause", { kind: "port", node: "alert", port: "out" });
    expect(links(change?.graph ?? CHAIN)).toEqual([
      "alert.out>pause",
      "pause.out>end",
      "size.big>alert",
      "start.out>size",
    ]);
    expect(change?.graph.nodes.map(({ id }) => id).sort()).toEqual(CHAIN.nodes.map(({ id }) => id).sort());
    expect(change?.label).toBe("Move pause and 1 more");
    const boxes = (change?.graph ?? CHAIN).nodes.map((each) => boxOf(each, CATALOGUE));
    expect(boxes.some((one, at) => boxes.slice(at + 1).some((other) => overlap(one, other)))).toBe(false);
  });

  it("move into a line, and what came there comes after their open end", () => {
    const change = moveBranch(CHAIN, CATALOGUE, "alert", { kind: "edge", edge: "pause_out" });
    expect(links(change?.graph ?? CHAIN)).toEqual([
      "alert.out>end",
      "pause.out>alert",
      "size.else>pause",
      "start.out>size",
    ]);
  });

  it("never move into themselves", () => {
    expect(fits(CHAIN, CATALOGUE, "size", { kind: "port", node: "pause", port: "out" })).toBe(false);
    expect(moveBranch(CHAIN, CATALOGUE, "size", { kind: "edge", edge: "pause_out" })).toBeNull();
  });

  it("are copied with new ids, and lines that leave them stay behind", () => {
    const change = copyBranch(CHAIN, CATALOGUE, "pause", { kind: "port", node: "alert", port: "out" });
    expect(links(change?.graph ?? CHAIN)).toContain("alert.out>pause_2");
    expect(links(change?.graph ?? CHAIN)).toContain("pause_2.out>end_2");
    expect(change?.select).toEqual(["pause_2", "end_2"]);
  });
});

describe("copies", () => {
  it("of a split have ids of their own, so that they draw their own lots (SEMANTICS 6.3)", () => {
    const arms = [
      { id: "a", name: "A", weight: 1 },
      { id: "b", name: "B", weight: 1 },
    ];
    const split = { ...CHAIN, nodes: [...CHAIN.nodes, node("s", "split", 900, 0, { arms })] };
    const once = duplicate(split, CATALOGUE, ["s"]).graph;
    const twice = graft(once, part(split, ["s"]), { x: 0, y: 400 }, "again").graph;
    const copies = twice.nodes.filter(({ type }) => type === "split");
    expect(copies.map(({ id }) => id)).toEqual(["s", "s_2", "s_3"]);
    expect(
      copies.every(({ config }) => config.arms === arms || JSON.stringify(config.arms) === JSON.stringify(arms)),
    ).toBe(true);
  });

  it("carry whole groups", () => {
    const grouped = group(CHAIN, ["pause", "end"], "Rest");
    const copy = duplicate(grouped?.graph ?? CHAIN, CATALOGUE, ["group"]);
    expect(groupsOf(copy.graph)).toEqual([
      { id: "group", name: "Rest", nodes: ["pause", "end"] },
      { id: "group_2", name: "Rest", nodes: ["pause_2", "end_2"] },
    ]);
  });

  it("are read from any document of a flow, and bad text gets a sentence", () => {
    expect(pastedGraph(JSON.stringify({ graph: CHAIN, revision: 3 }))?.nodes).toHaveLength(5);
    const said = ["", "hello", "{", "[1]", "{}", '{"nodes": []}', '{"nodes": [{"id": 7}]}'].map(readPasted);
    for (const each of said) expect("problem" in each && /^[A-Z].*\.$/.test(each.problem)).toBe(true);
    expect(new Set(said.map((each) => ("problem" in each ? each.problem : ""))).size).toBe(5);
  });
});
