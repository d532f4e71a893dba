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
      onMerged: (graph) => shown.push(graph),
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
  return { server, states, kept, shown, saver };
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
});
