import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duplicate, paste, pastedGraph } from "./clipboard";
import { type Graph, readGraph, sameGraph } from "./document";
import { advance, begin, type History, redo, settle, undo } from "./history";
import { addNode, type Change, configure, connect, move, remove, rename } from "./operations";
import { CATALOGUE, CHAIN, faults, graphs, typeNamed } from "./sample.test-data";

const links = (graph: Graph) => graph.edges.map((edge) => `${edge.source}.${edge.source_port}>${edge.target}`).sort();

interface Step {
  kind: number;
  a: number;
  b: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(fc.record({ kind: fc.nat(8), a: fc.nat(99), b: fc.nat(99) }), {
  maxLength: 14,
});

/** One edit, chosen by numbers: null where it does not apply. */
function perform(graph: Graph, { kind, a, b }: Step): Change | null {
  const node = graph.nodes[a % Math.max(1, graph.nodes.length)];
  const other = graph.nodes[b % Math.max(1, graph.nodes.length)];
  const edge = graph.edges[b % Math.max(1, graph.edges.length)];
  const fresh = typeNamed(["slack.message", "branch", "wait.delay", "exit"][a % 4] ?? "exit");
  if (kind === 0) return addNode(graph, CATALOGUE, fresh, { kind: "point", at: { x: a * 10, y: b * 10 } });
  if (kind === 1 && edge) return addNode(graph, CATALOGUE, fresh, { kind: "edge", edge: edge.id });
  if (kind === 2 && node) return addNode(graph, CATALOGUE, fresh, { kind: "port", node: node.id, port: "out" });
  if (kind === 3 && node && other) return connect(graph, CATALOGUE, node.id, b % 2 ? "out" : "else", other.id);
  if (kind === 4 && node) return remove(graph, CATALOGUE, [node.id, ...(edge ? [edge.id] : [])]);
  if (kind === 5 && node) return move(graph, { [node.id]: { x: b, y: a } });
  if (kind === 6 && node) return rename(graph, node.id, `name ${b}`);
  if (kind === 7 && node?.type === "branch")
    return configure(graph, CATALOGUE, node.id, { cases: [{ id: `c${b}`, name: "", when: "" }] });
  if (kind === 8 && node && other) return duplicate(graph, CATALOGUE, [node.id, other.id]);
  return null;
}

describe("operations", () => {
  it("keep every graph well formed, whatever is done in whatever order", () => {
    fc.assert(
      fc.property(graphs, steps, (start, list) => {
        let graph = start;
        for (const step of list) {
          graph = perform(graph, step)?.graph ?? graph;
          expect(faults(graph)).toEqual([]);
        }
        expect(sameGraph(readGraph(JSON.parse(JSON.stringify(graph))), graph)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("are undone exactly, and done again exactly", () => {
    fc.assert(
      fc.property(graphs, steps, (start, list) => {
        const seen: Graph[] = [start];
        let history: History = begin(start);
        for (const step of list) {
          const change = perform(history.present, step);
          if (!change || change.graph === history.present) continue;
          history = settle(advance(history, change));
          seen.push(history.present);
        }
        const end = history.present;
        for (const graph of [...seen].reverse().slice(1)) {
          history = undo(history);
          expect(history.present).toBe(graph);
        }
        while (history.future.length) history = redo(history);
        expect(history.present).toBe(end);
      }),
      { numRuns: 150 },
    );
  });

  it("insert on an edge: both halves are connected and nothing is covered", () => {
    const { graph, select } = addNode(CHAIN, CATALOGUE, typeNamed("slack.message"), {
      kind: "edge",
      edge: "size_else",
    });
    const [id = ""] = select ?? [];
    expect(links(graph)).toContain(`size.else>${id}`);
    expect(links(graph)).toContain(`${id}.out>pause`);
    const y = (name: string) => graph.nodes.find((node) => node.id === name)?.position?.y ?? 0;
    expect(y("pause")).toBeGreaterThanOrEqual(y(id) + 76 + 40);
    expect(y("end") - y("pause")).toBe(80);
  });

  it("joins what was before with what came after when a card goes, and closes the gap", () => {
    const grown = addNode(CHAIN, CATALOGUE, typeNamed("slack.message"), { kind: "edge", edge: "size_else" });
    const { graph, label } = remove(grown.graph, CATALOGUE, grown.select ?? []);
    expect(links(graph)).toEqual(links(CHAIN));
    expect(graph.nodes.find((node) => node.id === "pause")?.position).toEqual({ x: 0, y: 248 });
    expect(label).toBe("Delete Slack message");
  });

  it("does not guess where a deleted branch would have gone", () => {
    const { graph } = remove(CHAIN, CATALOGUE, ["size"]);
    expect(links(graph)).toEqual(["pause.out>end"]);
  });

  it("drops the edge of a case that is gone, and keeps the others", () => {
    const { graph } = configure(CHAIN, CATALOGUE, "size", { cases: [] });
    expect(links(graph)).toEqual(["pause.out>end", "size.else>pause", "start.out>size"]);
  });

  it("refuses circles, triggers as targets, and ports that are not there", () => {
    expect(connect(CHAIN, CATALOGUE, "pause", "out", "size")).toBeNull();
    expect(connect(CHAIN, CATALOGUE, "alert", "out", "start")).toBeNull();
    expect(connect(CHAIN, CATALOGUE, "alert", "nowhere", "end")).toBeNull();
    expect(connect(CHAIN, CATALOGUE, "alert", "out", "end")?.label).toBe("Connect");
    expect(links(connect(CHAIN, CATALOGUE, "size", "else", "end")?.graph ?? CHAIN)).toContain("size.else>end");
  });

  it("names a trigger after its event until somebody names it", () => {
    const fresh = {
      ...CHAIN,
      nodes: [{ ...CHAIN.nodes[0], id: "start", type: "trigger.event", name: "Event", config: {} }],
    };
    const named = configure(fresh, CATALOGUE, "start", { event: "Signed Up" }).graph;
    expect(named.nodes[0]?.name).toBe("Signed Up");
    const own = configure(rename(named, "start", "Joined").graph, CATALOGUE, "start", { event: "Other" }).graph;
    expect(own.nodes[0]?.name).toBe("Joined");
  });
});

describe("copies", () => {
  it("carry their edges, and expressions follow the new ids", () => {
    const source = configure(CHAIN, CATALOGUE, "end", {
      reason: "{{ steps.pause.output.x }} {{ steps.other.output }}",
    }).graph;
    const { graph, select = [] } = duplicate(source, CATALOGUE, ["pause", "end"]);
    const [pause, end] = select;
    expect(links(graph)).toContain(`${pause}.out>${end}`);
    const copy = graph.nodes.find((node) => node.id === end);
    expect(copy?.config.reason).toBe(`{{ steps.${pause}.output.x }} {{ steps.other.output }}`);
  });

  it("paste a graph document as text, with its corner where one looks", () => {
    const source = pastedGraph(JSON.stringify(CHAIN));
    const { graph } = paste(CHAIN, source ?? CHAIN, { x: 1000, y: 2000 });
    expect(graph.nodes).toHaveLength(CHAIN.nodes.length * 2);
    expect(Math.min(...graph.nodes.slice(5).map((node) => node.position?.x ?? 0))).toBe(1000);
    expect(faults(graph)).toEqual([]);
  });

  it("take nothing from text that is no graph", () => {
    expect(pastedGraph("hello")).toBeNull();
    expect(pastedGraph('{"nodes": [{"id": 7}]}')).toBeNull();
  });
});

describe("history", () => {
  it("makes one step of typing one word, and names it", () => {
    let history = begin(CHAIN);
    for (const name of ["A", "Al", "Alert"]) history = advance(history, rename(history.present, "alert", name));
    expect(history.past).toHaveLength(1);
    expect(history.past[0]?.label).toBe("Rename");
    expect(undo(history).present).toBe(CHAIN);
  });
});
