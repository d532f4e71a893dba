import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/errors";
import type { Graph } from "@/graph/document";
import { rename } from "@/graph/operations";
import { CHAIN } from "@/graph/sample.test-data";
import type { Backup } from "./backup";
import { Saver, type SaveState } from "./saver";

/** A server that holds one draft, and says no when the revision moved on. */
function setUp() {
  const server = { graph: CHAIN as Graph, revision: 3, puts: 0, broken: false };
  const states: SaveState[] = [];
  const kept: { backup: Backup | null } = { backup: null };
  const shown: Graph[] = [];
  const joined: ((graph: Graph) => Graph)[] = [];
  const saver = new Saver(
    { graph: CHAIN, revision: 3 },
    {
      put: async (graph, revision) => {
        server.puts += 1;
        if (server.broken) throw new ApiError(0, {});
        if (revision !== server.revision)
          throw new ApiError(409, { theirs: { ...server, saved_by: { name: "Dana" } } });
        server.graph = graph;
        server.revision += 1;
        return { revision: server.revision, issues: [] };
      },
      onState: (state) => states.push(state),
      onIssues: () => {},
      onMerged: (graph, _who, into) => {
        shown.push(graph);
        joined.push(into);
      },
      get: async () => ({ graph: server.graph, revision: server.revision, who: "Dana" }),
      backup: {
        write: (backup) => {
          kept.backup = backup;
          return true;
        },
        clear: () => {
          kept.backup = null;
        },
      },
      wait: 100,
    },
  );
  return { server, states, kept, shown, joined, saver };
}

const nameOf = (graph: Graph, id: string) => graph.nodes.find((node) => node.id === id)?.name;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("saver", () => {
  it("saves once after a burst, keeps a backup until then, and drops it after", async () => {
    const { server, kept, saver, states } = setUp();
    for (const name of ["A", "B", "C"]) saver.change(rename(CHAIN, "alert", name).graph);
    expect(kept.backup?.revision).toBe(3);
    await vi.advanceTimersByTimeAsync(150);
    expect(server.puts).toBe(1);
    expect(nameOf(server.graph, "alert")).toBe("C");
    expect(kept.backup).toBeNull();
    expect(states.at(-1)).toEqual({ kind: "saved" });
  });

  it("joins with somebody else's changes to other nodes, and saves the union", async () => {
    const { server, saver, shown } = setUp();
    server.graph = rename(CHAIN, "pause", "Theirs").graph;
    server.revision = 4;
    saver.change(rename(CHAIN, "alert", "Mine").graph);
    await vi.advanceTimersByTimeAsync(400);
    expect(nameOf(server.graph, "pause")).toBe("Theirs");
    expect(nameOf(server.graph, "alert")).toBe("Mine");
    expect(shown).toHaveLength(1);
  });

  it("asks when both changed one node, saves nothing meanwhile, and follows the choice", async () => {
    const { server, saver, states, kept } = setUp();
    server.graph = rename(CHAIN, "alert", "Theirs").graph;
    server.revision = 4;
    saver.change(rename(CHAIN, "alert", "Mine").graph);
    await vi.advanceTimersByTimeAsync(400);
    expect(states.at(-1)?.kind).toBe("conflict");
    expect(nameOf(server.graph, "alert")).toBe("Theirs");
    expect(kept.backup && nameOf(kept.backup.graph, "alert")).toBe("Mine");
    saver.resolve("mine");
    await vi.advanceTimersByTimeAsync(400);
    expect(nameOf(server.graph, "alert")).toBe("Mine");
    expect(states.at(-1)).toEqual({ kind: "saved" });
  });

  it("keeps trying while the server is away, and loses nothing", async () => {
    const { server, saver, states, kept } = setUp();
    server.broken = true;
    saver.change(rename(CHAIN, "alert", "Offline").graph);
    await vi.advanceTimersByTimeAsync(500);
    expect(states.at(-1)?.kind).toBe("offline");
    expect(kept.backup).not.toBeNull();
    server.broken = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(nameOf(server.graph, "alert")).toBe("Offline");
    expect(states.at(-1)).toEqual({ kind: "saved" });
  });

  it("picks up a backup of an earlier visit, also when the draft has moved on", async () => {
    const { server, saver } = setUp();
    server.graph = rename(CHAIN, "pause", "Theirs").graph;
    server.revision = 9;
    saver.resume({ graph: rename(CHAIN, "alert", "From last week").graph, base: CHAIN, revision: 3 }, server);
    await vi.advanceTimersByTimeAsync(500);
    expect(nameOf(server.graph, "alert")).toBe("From last week");
    expect(nameOf(server.graph, "pause")).toBe("Theirs");
  });

  it("takes in what somebody else saved, without a save of its own, and into every step before", async () => {
    const { server, saver, shown, joined, states } = setUp();
    server.graph = rename(CHAIN, "end", "Theirs").graph;
    server.revision = 4;
    await saver.pull(4);
    expect(nameOf(shown[0] ?? CHAIN, "end")).toBe("Theirs");
    expect(saver.revision).toBe(4);
    expect(server.puts).toBe(0);
    expect(states.at(-1)?.kind).toBe("saved");
    const mine = joined[0]?.(rename(CHAIN, "alert", "Mine").graph) ?? CHAIN;
    expect([nameOf(mine, "alert"), nameOf(mine, "end")]).toEqual(["Mine", "Theirs"]);
    await saver.pull(4);
    expect(shown).toHaveLength(1);
  });

  it("settles each clash by itself", async () => {
    const { server, saver, states } = setUp();
    server.graph = rename(rename(CHAIN, "end", "Their end").graph, "pause", "Their pause").graph;
    server.revision = 4;
    saver.change(rename(rename(CHAIN, "end", "My end").graph, "pause", "My pause").graph);
    await saver.pull(4);
    expect(states.at(-1)?.kind).toBe("conflict");
    saver.resolve({ "node:end": "theirs" });
    await vi.advanceTimersByTimeAsync(200);
    expect([nameOf(server.graph, "end"), nameOf(server.graph, "pause")]).toEqual(["Their end", "My pause"]);
    expect(states.at(-1)?.kind).toBe("saved");
  });

  it("asks the same again after a reload, and what is drawn meanwhile is not lost", async () => {
    const { server, saver, kept, states } = setUp();
    server.graph = rename(rename(CHAIN, "end", "Their end").graph, "alert", "Their alert").graph;
    server.revision = 4;
    const mine = rename(CHAIN, "end", "My end").graph;
    saver.change(mine);
    await saver.pull(4);
    saver.change(rename(mine, "size", "My size").graph);
    expect(states.at(-1)?.kind).toBe("conflict");
    expect(kept.backup).toMatchObject({ revision: 3, base: CHAIN });
    const again = setUp();
    Object.assign(again.server, { graph: server.graph, revision: 4 });
    again.saver.resume(kept.backup ?? { graph: CHAIN, base: CHAIN, revision: 3 }, {
      graph: server.graph,
      revision: 4,
    });
    expect(again.states.at(-1)?.kind).toBe("conflict");
    again.saver.resolve("mine");
    await vi.advanceTimersByTimeAsync(200);
    const names = ["end", "alert", "size"].map((id) => nameOf(again.server.graph, id));
    expect(names).toEqual(["My end", "Their alert", "My size"]);
    saver.resolve("theirs");
    await vi.advanceTimersByTimeAsync(200);
    expect(["end", "alert", "size"].map((id) => nameOf(server.graph, id))).toEqual([
      "Their end",
      "Their alert",
      "My size",
    ]);
  });
});
