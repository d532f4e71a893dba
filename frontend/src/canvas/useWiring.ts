/** Turns what React Flow reports (moves, choices, connections, hovers) into the canvas's few calls. */

import type { Connection, EdgeChange, FinalConnectionState, NodeChange, OnConnectStartParams } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph, Point } from "@/graph/document";
import { validTargets } from "@/graph/reach";
import type { DrawnEdge, DrawnNode, Model } from "./model";
import type { CanvasStore } from "./store";

const LINGER = 600;

interface Wires {
  store: CanvasStore;
  graph: Graph;
  catalogue: Catalogue;
  model: Model;
  nodes: readonly DrawnNode[];
  change: (changes: NodeChange<DrawnNode>[]) => void;
  selection: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  onMove: ((places: Record<string, Point>) => void) | undefined;
  onConnect: ((source: string, port: string, target: string) => void) | undefined;
}

function chosen(
  selection: ReadonlySet<string>,
  changes: readonly { type: string; id?: string; selected?: boolean }[],
): ReadonlySet<string> {
  const next = new Set(selection);
  for (const change of changes) {
    if (change.type !== "select" || change.id === undefined) continue;
    if (change.selected) next.add(change.id);
    else next.delete(change.id);
  }
  const unchanged = next.size === selection.size && [...next].every((id) => selection.has(id));
  return unchanged ? selection : next;
}

export function useWiring(wires: Wires) {
  const now = useRef(wires);
  now.current = wires;
  const picked = useRef(wires.selection);
  useEffect(() => {
    picked.current = wires.selection;
  }, [wires.selection]);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  /** React Flow reports cards and edges one after the other in one tick; both go into the same choice. */
  const select = useCallback((changes: readonly { type: string; id?: string; selected?: boolean }[]) => {
    const next = chosen(picked.current, changes);
    if (next === picked.current) return;
    picked.current = next;
    now.current.onSelect(next);
  }, []);

  return useMemo(() => {
    const { store } = now.current;
    return {
      onNodesChange: (changes: NodeChange<DrawnNode>[]) => {
        const { change, onMove, model } = now.current;
        select(changes as { type: string; id?: string; selected?: boolean }[]);
        const kept = changes.filter((item) => item.type === "position" || item.type === "dimensions");
        if (kept.length) change(kept);
        const places: Record<string, Point> = {};
        for (const item of changes) {
          if (item.type === "position" && item.dragging === false && item.position) places[item.id] = item.position;
        }
        const before = new Map(model.nodes.map((node) => [node.id, node.position]));
        const moved = Object.entries(places).filter(
          ([id, at]) => before.get(id)?.x !== at.x || before.get(id)?.y !== at.y,
        );
        if (moved.length) onMove?.(Object.fromEntries(moved));
      },
      onEdgesChange: (changes: EdgeChange<DrawnEdge>[]) =>
        select(changes as { type: string; id?: string; selected?: boolean }[]),
      onConnectStart: (_: unknown, { nodeId, handleId }: OnConnectStartParams) => {
        if (!nodeId) return;
        const { graph, catalogue } = now.current;
        store.setState({
          connecting: { source: nodeId, port: handleId ?? "out", valid: validTargets(graph, catalogue, nodeId) },
        });
      },
      onConnectEnd: (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
        const from = store.getState().connecting;
        store.setState({ connecting: null });
        if (!from || state.toNode || state.isValid) return;
        const at = "changedTouches" in event ? event.changedTouches[0] : event;
        const start = state.from;
        if (!at || !start || (state.to && Math.hypot(state.to.x - start.x, state.to.y - start.y) < 24)) return;
        store
          .getState()
          .onAdd({ kind: "port", node: from.source, port: from.port }, new DOMRect(at.clientX, at.clientY, 0, 0));
      },
      onConnect: ({ source, sourceHandle, target }: Connection) =>
        now.current.onConnect?.(source, sourceHandle ?? "out", target),
      isValidConnection: ({ target }: { target: string }) => store.getState().connecting?.valid.has(target) ?? false,
      onEdgeMouseEnter: (_: unknown, edge: { id: string }) => {
        window.clearTimeout(timer.current);
        if (!store.getState().connecting) store.setState({ hoverEdge: edge.id });
      },
      onEdgeMouseLeave: (_: unknown, edge: { id: string }) => {
        window.clearTimeout(timer.current);
        timer.current = window.setTimeout(() => {
          if (store.getState().hoverEdge === edge.id && !document.querySelector(`.plus:hover`))
            store.setState({ hoverEdge: null });
        }, LINGER);
      },
      onNodeDragStart: () => store.setState({ dragging: true, hoverEdge: null }),
      onNodeDragStop: () => store.setState({ dragging: false }),
    };
  }, [select]);
}
