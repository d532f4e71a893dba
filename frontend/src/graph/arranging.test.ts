/** Lining up, notes beside their cards, groups. */

import { describe, expect, it } from "vitest";
import { ARRANGEMENTS, type Arrangement, arrange, tidied, withNotes } from "./arrange";
import { type Graph, sameGraph } from "./document";
import { carried, fold, group, groupsOf, joinGroup, setCollapsed } from "./groups";
import { addNode, addNote, move, remove } from "./operations";
import { boxOf } from "./room";
import { CATALOGUE, CHAIN, typeNamed } from "./sample.test-data";

const links = (graph: Graph) => graph.edges.map((each) => `${each.source}.${each.source_port}>${each.target}`).sort();
const named = (graph: Graph, id: string) => graph.nodes.find((each) => each.id === id);

describe("arranging", () => {
  const spots = (graph: Graph) => Object.fromEntries(graph.nodes.map(({ id, position }) => [id, position]));
  it.each(Object.keys(ARRANGEMENTS) as Arrangement[])("%s lines up what it says", (way) => {
    const ids = ["size", "alert", "pause"];
    const change = arrange(CHAIN, CATALOGUE, ids, way);
    const boxes = (change?.graph ?? CHAIN).nodes
      .filter(({ id }) => ids.includes(id))
      .map((each) => boxOf(each, CATALOGUE));
    const all = (of: (box: (typeof boxes)[number]) => number) => new Set(boxes.map(of)).size === 1;
    const gaps = (at: "x" | "y", size: "w" | "h") => {
      const sorted = [...boxes].sort((one, other) => one[at] - other[at]);
      return new Set(
        sorted.slice(1).map((box, i) => Math.round(box[at] - (sorted[i]?.[at] ?? 0) - (sorted[i]?.[size] ?? 0))),
      ).size;
    };
    const holds: Record<Arrangement, boolean> = {
      left: all((box) => box.x),
      center: all((box) => box.x + box.w / 2),
      right: all((box) => box.x + box.w),
      top: all((box) => box.y),
      middle: all((box) => box.y + box.h / 2),
      bottom: all((box) => box.y + box.h),
      columns: gaps("x", "w") === 1,
      rows: gaps("y", "h") === 1,
    };
    expect(holds[way]).toBe(true);
    expect(spots(change?.graph ?? CHAIN).end).toEqual({ x: 0, y: 328 });
  });

  it("needs two, and changes nothing that already stands so", () => {
    expect(arrange(CHAIN, CATALOGUE, ["size"], "left")).toBeNull();
    const once = arrange(CHAIN, CATALOGUE, ["size", "alert"], "left")?.graph ?? CHAIN;
    expect(arrange(once, CATALOGUE, ["size", "alert"], "left")).toBeNull();
  });

  it("tidies only what is chosen, keeps its first card, and covers nothing", () => {
    const messy = move(CHAIN, { pause: { x: 16, y: 260 }, end: { x: 700, y: 900 } }).graph;
    const places = new Map([
      ["pause", { x: 0, y: 0 }],
      ["end", { x: 0, y: 80 }],
    ]);
    const { graph } = tidied(messy, CATALOGUE, new Set(["pause", "end"]), places) ?? { graph: messy };
    expect(named(graph, "pause")?.position).toEqual({ x: 16, y: 260 });
    expect(named(graph, "end")?.position).toEqual({ x: 16, y: 340 });
    expect(named(graph, "alert")).toBe(named(messy, "alert"));
  });
});

describe("notes", () => {
  it("stay beside the card that they were nearest to when the flow is laid out anew", () => {
    const noted = addNote(CHAIN, { x: 288, y: 240 }, "about the pause").graph;
    const moved = move(noted, { pause: { x: 400, y: 600 } }).graph;
    const [note] = withNotes(noted, moved, CATALOGUE).notes;
    expect(note?.position).toEqual({ x: 688, y: 592 });
    expect(withNotes(noted, noted, CATALOGUE).notes[0]).toBe(noted.notes[0]);
  });
});

describe("groups", () => {
  const grouped = group(CHAIN, ["pause", "end"], "Rest")?.graph ?? CHAIN;

  it("collapse to one card with the ways in and out, and open again as they were", () => {
    const closed = setCollapsed(grouped, CATALOGUE, "group", true)?.graph ?? grouped;
    const { graph: drawn } = fold(closed, CATALOGUE);
    expect(named(drawn, "group")).toMatchObject({
      name: "Rest",
      config: { members: ["pause", "end"], entries: 1, ports: [] },
    });
    expect(links(drawn)).toEqual(["size.big>alert", "size.else>group", "start.out>size"]);
    expect(sameGraph(setCollapsed(closed, CATALOGUE, "group", false)?.graph ?? closed, grouped)).toBe(true);
  });

  it("close up what stands below, and make the same room again", () => {
    const three = group(CHAIN, ["size", "alert", "pause"], "Middle")?.graph ?? CHAIN;
    const closed = setCollapsed(three, CATALOGUE, "group", true)?.graph ?? three;
    expect(named(closed, "end")?.position?.y).toBeLessThan(328);
    const open = setCollapsed(closed, CATALOGUE, "group", false)?.graph ?? closed;
    expect(named(open, "end")?.position).toEqual(named(three, "end")?.position);
  });

  it("take their cards along when they are moved", () => {
    const box = fold(grouped, CATALOGUE).frames[0]?.box ?? { x: 0, y: 0 };
    const places = carried(grouped, CATALOGUE, { group: { x: box.x + 80, y: box.y + 16 } });
    expect(places).toEqual({ pause: { x: 80, y: 264 }, end: { x: 80, y: 344 } });
  });

  it("go with their last card, and a card is in one at most", () => {
    const second = group(grouped, ["end", "alert"], "Other")?.graph ?? grouped;
    expect(groupsOf(second).map(({ nodes }) => nodes)).toEqual([["pause"], ["alert", "end"]]);
    expect(groupsOf(remove(second, CATALOGUE, ["pause"]).graph)).toHaveLength(1);
    expect(group(grouped, ["pause", "end"])).toBeNull();
    expect(groupsOf(joinGroup(grouped, "alert", "end"))[0]?.nodes).toEqual(["pause", "end", "alert"]);
  });

  it("delete what is seen: a frame alone, or a collapsed card with all it stands for", () => {
    expect(remove(grouped, CATALOGUE, ["group"]).graph.nodes).toHaveLength(5);
    const closed = setCollapsed(grouped, CATALOGUE, "group", true)?.graph ?? grouped;
    const gone = remove(closed, CATALOGUE, ["group"]);
    expect(gone.label).toBe("Delete 2 steps");
    expect(gone.graph.nodes).toHaveLength(3);
  });

  it("take in what is inserted between two of their cards", () => {
    const { graph, select = [] } = addNode(grouped, CATALOGUE, typeNamed("slack.message"), {
      kind: "edge",
      edge: "pause_out",
    });
    expect(groupsOf(graph)[0]?.nodes).toContain(select[0]);
  });
});
