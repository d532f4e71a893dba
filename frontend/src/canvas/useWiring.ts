/** Turns what React Flow reports (moves, choices, connections, hovers) into the canvas's few calls. */

import type { Connection, EdgeChange, FinalConnectionState, NodeChange, OnConnectStartParams } from "@xyflow/react";
import { type MouseEvent as ReactMouseEvent, useCallback, useEffect, useMemo, useRef } from "react";
import type { End } from "@/graph/alter";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph, Point } from "@/graph/document";
import { groupsOf, realPort, realTarget } from "@/graph/groups";
import { portsOf } from "@/graph/ports";
import { downstream, validTargets } from "@/graph/reach";
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
  onReconnect: ((edge: string, end: End) => void) | undefined;
  onMenu: ((target: MenuTarget) => void) | undefined;
}

/** What a menu was asked for, and where in the window. */
export interface MenuTarget {
  readonly id: string | null;
  readonly x: number;
  readonly y: number;
}

/** Where a line could begin that leads to `target`: every card that comes not after it and has ways out. */
function validSources(graph: Graph, catalogue: Catalogue, target: string): Set<string> {
  const after = downstream(graph, [target]);
  return new Set(
    graph.nodes
      .filter((node) => !after.has(node.id) && portsOf(node, catalogue.get(node.type)).length > 0)
      .map((node) => node.id),
  );
}

/** A collapsed group takes a line where the card takes it by which customers enter. */
function withFolded(graph: Graph, valid: Set<string>): Set<string> {
  for (const group of groupsOf(graph))
    if (group.collapsed && valid.has(realTarget(graph, group.id))) valid.add(group.id);
  return valid;
}

/** The pointer, or the middle of what a key asked from. */
function placeOf(event: MouseEvent | ReactMouseEvent): { x: number; y: number } {
  if (event.clientX || event.clientY) return { x: event.clientX, y: event.clientY };
  const box = (event.currentTarget as Element | null)?.getBoundingClientRect();
  return { x: (box?.left ?? 0) + (box?.width ?? 0) / 2, y: (box?.top ?? 0) + (box?.height ?? 0) / 2 };
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
  const leading = useRef(false);
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
      onConnectStart: (_: unknown, { nodeId, handleId, handleType }: OnConnectStartParams) => {
        if (!nodeId) return;
        const { graph, catalogue } = now.current;
        if (handleType === "target") {
          const valid = validSources(graph, catalogue, realTarget(graph, nodeId));
          store.setState({ connecting: { end: "source", source: nodeId, port: "", valid } });
          return;
        }
        const from = realPort(graph, nodeId, handleId ?? "out");
        const valid = withFolded(graph, validTargets(graph, catalogue, from.source));
        store.setState({ connecting: { end: "target", ...from, valid } });
      },
      onConnectEnd: (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
        const from = store.getState().connecting;
        store.setState({ connecting: null });
        if (!from || leading.current || state.toNode || state.isValid) return;
        const at = "changedTouches" in event ? event.changedTouches[0] : event;
        const start = state.from;
        if (!at || !start || (state.to && Math.hypot(state.to.x - start.x, state.to.y - start.y) < 24)) return;
        store
          .getState()
          .onAdd({ kind: "port", node: from.source, port: from.port }, new DOMRect(at.clientX, at.clientY, 0, 0));
      },
      onConnect: ({ source, sourceHandle, target }: Connection) => {
        const { graph, onConnect } = now.current;
        const from = realPort(graph, source, sourceHandle ?? "out");
        onConnect?.(from.source, from.port, realTarget(graph, target));
      },
      isValidConnection: ({ source, target }: { source: string; target: string }) => {
        const { connecting } = store.getState();
        return connecting?.valid.has(connecting.end === "target" ? target : source) ?? false;
      },
      onReconnectStart: () => {
        leading.current = true;
      },
      onReconnectEnd: () => {
        leading.current = false;
      },
      onReconnect: (edge: DrawnEdge, { source, sourceHandle, target }: Connection) => {
        const { graph, onReconnect } = now.current;
        const moved = target !== edge.target;
        onReconnect?.(
          edge.id,
          moved ? { target: realTarget(graph, target) } : realPort(graph, source, sourceHandle ?? "out"),
        );
      },
      /** A press on one of several that are chosen chooses it alone, once it was no drag. */
      onNodeClick: (event: ReactMouseEvent, node: { id: string }) => {
        const { selection, onSelect } = now.current;
        const more = event.shiftKey || event.ctrlKey || event.metaKey;
        if (!more && selection.size > 1 && selection.has(node.id)) onSelect(new Set([node.id]));
      },
      onNodeContextMenu: (event: ReactMouseEvent, node: { id: string }) => {
        event.preventDefault();
        const { selection, onSelect, onMenu } = now.current;
        if (!selection.has(node.id)) onSelect(new Set([node.id]));
        onMenu?.({ id: node.id, ...placeOf(event) });
      },
      onEdgeContextMenu: (event: ReactMouseEvent, edge: { id: string }) => {
        event.preventDefault();
        now.current.onSelect(new Set([edge.id]));
        now.current.onMenu?.({ id: edge.id, ...placeOf(event) });
      },
      onSelectionContextMenu: (event: ReactMouseEvent) => {
        event.preventDefault();
        now.current.onMenu?.({ id: null, ...placeOf(event) });
      },
      onPaneContextMenu: (event: MouseEvent | ReactMouseEvent) => {
        event.preventDefault();
        now.current.onSelect(new Set());
        now.current.onMenu?.({ id: null, ...placeOf(event) });
      },
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
