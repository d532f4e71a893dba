import { render, screen } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Graph } from "@/graph/document";
import { move } from "@/graph/operations";
import { CATALOGUE, CHAIN } from "@/graph/sample.test-data";
import { Canvas } from "./Canvas";
import { dropAt, placeOf } from "./drop";
import { buildModel, EMPTY_MODEL } from "./model";
import { NO_OVERLAY, type Overlay, reconcile } from "./overlay";

const nobody: ReadonlySet<string> = new Set();

function show(overlay: Overlay, mode: "build" | "live" = "live", graph: Graph = CHAIN) {
  return render(
    <div style={{ width: 1200, height: 800 }}>
      <Canvas
        graph={graph}
        catalogue={CATALOGUE}
        mode={mode}
        viewKey="t"
        selection={nobody}
        onSelect={() => {}}
        overlay={overlay}
        theme="light"
        editable={mode === "build"}
      />
    </div>,
  );
}

beforeEach(() => {
  sessionStorage.clear();
  // jsdom lays nothing out: without a size no card would be in view.
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 1200, 800));
});

describe("canvas", () => {
  it("draws the same cards in every mode; only the footer changes", async () => {
    const live = show({
      nodes: {
        alert: {
          state: "failed",
          foot: [{ glyph: "failed", tone: "failed", strong: "7" }],
          badge: { text: "7", title: "7 failed" },
        },
      },
      edges: {},
    });
    const card = await screen.findByTestId("node-alert");
    expect(card).toHaveClass("card", "failed");
    expect(card).toHaveTextContent("7");
    expect(screen.queryByTestId("port-plus-alert-out")).toBeNull();
    live.unmount();
    show(NO_OVERLAY, "build");
    expect(await screen.findByTestId("node-alert")).not.toHaveClass("failed");
    expect(screen.getByTestId("port-plus-alert-out")).toBeInTheDocument();
  });

  it("keeps the identity of what did not change, so that one edit draws one card", () => {
    const before = buildModel(CHAIN, CATALOGUE, EMPTY_MODEL);
    const after = buildModel(move(CHAIN, { end: { x: 0, y: 600 } }).graph, CATALOGUE, before);
    expect(after.cards.get("alert")).toBe(before.cards.get("alert"));
    expect(after.cards.get("end")).not.toBe(before.cards.get("end"));
    const edge = (model: typeof before, id: string) => model.edges.find((item) => item.id === id);
    expect(edge(after, "start_out")).toBe(edge(before, "start_out"));
    const counts = (n: number): Overlay => ({ nodes: { a: { volume: "1" }, b: { volume: String(n) } }, edges: {} });
    const first = counts(1);
    const second = reconcile(first, counts(2));
    expect(second.nodes.a).toBe(first.nodes.a);
    expect(second.nodes.b).not.toBe(first.nodes.b);
  });

  it("lands a new card on the port or edge under it, else where it was let go", () => {
    const model = buildModel(CHAIN, CATALOGUE, EMPTY_MODEL);
    expect(dropAt(model, { x: -280 + 124, y: 248 + 76 + 30 })).toEqual({ kind: "port", node: "alert", port: "out" });
    expect(dropAt(model, { x: 130, y: 95 })).toEqual({ kind: "edge", id: "start_out" });
    expect(dropAt(model, { x: 900, y: 900 })).toBeNull();
    expect(placeOf(null, { x: 124, y: 38 })).toEqual({ kind: "point", at: { x: 0, y: 0 } });
  });
});
