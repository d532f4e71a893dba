/** The one drawing of a flow, for every mode: what a marketer drew is what they watch. */

import "@xyflow/react/dist/base.css";
import "./canvas.css";
import "./edges.css";
import "./ports.css";
import "./detail.css";
import "./notes.css";
import "./groups.css";
import { ReactFlow, ReactFlowProvider } from "@xyflow/react";
import { type ReactNode, type Ref, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { End } from "@/graph/alter";
import type { Catalogue } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import type { Graph, NoteColor, Point } from "@/graph/document";
import { fold, spread } from "@/graph/groups";
import type { Place } from "@/graph/operations";
import { Card } from "./Card";
import { ConnectionLine } from "./ConnectionLine";
import { Detail } from "./Detail";
import { FlowEdge } from "./FlowEdge";
import { FoldedCard } from "./FoldedCard";
import { FrameCard } from "./FrameView";
import { type CanvasHandle, useCanvasHandle } from "./handle";
import { Minimap } from "./Minimap";
import { buildModel, EMPTY_MODEL, type Model } from "./model";
import { NoteCard } from "./NoteCard";
import { type Mode, type Overlay, reconcile } from "./overlay";
import { CanvasContext, createCanvasStore, NONE, type Other } from "./store";
import { useDrawn } from "./useDrawn";
import { useLookedInto } from "./useLookedInto";
import { type MenuTarget, useWiring } from "./useWiring";
import { firstView, rememberView } from "./view";
import { ZoomBar } from "./Zoom";

export type { CanvasHandle } from "./handle";
export type { Other } from "./store";
export type { MenuTarget } from "./useWiring";

const nodeTypes = { card: Card, folded: FoldedCard, frame: FrameCard, note: NoteCard };
const edgeTypes = { flow: FlowEdge };
const NO_ISSUES: ReadonlyMap<string, readonly Issue[]> = new Map();
const NOBODY: ReadonlyMap<string, readonly Other[]> = new Map();
const nothing = () => {};

export interface CanvasProps {
  graph: Graph;
  catalogue: Catalogue;
  mode: Mode;
  /** The id under which the place and zoom of this flow are remembered. */
  viewKey: string;
  editable?: boolean;
  selection: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  issues?: ReadonlyMap<string, readonly Issue[]>;
  /** What is drawn over the cards; left out where a child draws it (`Overlaid`). */
  overlay?: Overlay;
  /** Raise it when positions come from a new layout, and cards glide. */
  settle?: number;
  theme: string;
  onMove?: (places: Record<string, Point>) => void;
  onConnect?: (source: string, port: string, target: string) => void;
  onAdd?: (place: Place, anchor: DOMRect) => void;
  onTidy?: () => void;
  onNote?: () => void;
  onNoteText?: (id: string, text: string) => void;
  onNoteSize?: (id: string, size: { w: number; h: number }, position: Point) => void;
  onNoteColor?: (id: string, color: NoteColor) => void;
  onReconnect?: (edge: string, end: End) => void;
  onMenu?: (target: MenuTarget) => void;
  onRename?: (id: string, name: string) => void;
  onCollapse?: (id: string, collapsed: boolean) => void;
  /** What a search found, and the one of it that is looked at. */
  hits?: ReadonlySet<string>;
  hit?: string | null;
  /** Who else has which card chosen. */
  others?: ReadonlyMap<string, readonly Other[]>;
  ref?: Ref<CanvasHandle>;
  children?: ReactNode;
}

function Inner(props: CanvasProps) {
  const { catalogue, mode, selection, onSelect, viewKey, settle = 0, theme } = props;
  const editable = props.editable ?? true;
  const { graph, collapse } = useLookedInto(props.graph, catalogue, editable ? props.onCollapse : undefined);
  const [store] = useState(createCanvasStore);
  const last = useRef<Model>(EMPTY_MODEL);
  const model = useMemo(() => {
    const folded = fold(graph, catalogue);
    last.current = buildModel(folded.graph, catalogue, last.current, folded.frames);
    return last.current;
  }, [graph, catalogue]);
  // With a group its cards are chosen, so that a drag takes them along.
  const marked = useMemo(() => (graph.groups ? spread(graph, selection) : selection), [graph, selection]);
  const { nodes, change } = useDrawn(model, marked, settle);
  const edges = useMemo(
    () =>
      model.edges.map((edge) => (selection.has(edge.id) ? { ...edge, selected: true, reconnectable: editable } : edge)),
    [model, selection, editable],
  );
  const frame = useRef<HTMLElement>(null);

  const issues = props.issues ?? NO_ISSUES;
  const { onAdd = nothing, onNoteText = nothing, onNoteSize = nothing, onNoteColor = nothing, overlay } = props;
  const { onRename = nothing, hits = NONE, hit = null, others = NOBODY } = props;
  const onPick = useCallback((id: string) => onSelect(new Set([id])), [onSelect]);
  useEffect(() => {
    store.setState((before) => ({
      mode,
      editable,
      issues,
      onAdd,
      onNoteText,
      onNoteSize,
      onNoteColor,
      onRename,
      onCollapse: collapse,
      onPick,
      ...(overlay ? { overlay: reconcile(before.overlay, overlay) } : {}),
    }));
  }, [store, mode, editable, issues, onAdd, onNoteText, onNoteSize, onNoteColor, onRename, collapse, onPick, overlay]);
  useEffect(() => store.setState({ hits, hit, others }), [store, hits, hit, others]);

  const wiring = useWiring({
    store,
    graph,
    catalogue,
    model,
    nodes,
    change,
    selection,
    onSelect,
    onMove: props.onMove,
    onConnect: props.onConnect,
    onReconnect: props.onReconnect,
    onMenu: props.onMenu,
  });
  useEffect(
    () =>
      store.subscribe(({ connecting, hits: found }) => {
        frame.current?.classList.toggle("connecting", connecting !== null);
        frame.current?.classList.toggle("searching", found.size > 0);
      }),
    [store],
  );
  const fit = useCanvasHandle(props.ref, model, store);

  return (
    <CanvasContext value={store}>
      <main className="canvas" ref={frame} data-testid="canvas" data-mode={mode}>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          {...wiring}
          connectionLineComponent={ConnectionLine}
          onlyRenderVisibleElements
          minZoom={0.08}
          maxZoom={2}
          panOnScroll
          zoomOnDoubleClick={false}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={["Shift", "Meta", "Control"]}
          deleteKeyCode={null}
          nodesDraggable={editable}
          nodesConnectable={editable}
          edgesReconnectable={false}
          reconnectRadius={14}
          snapToGrid
          snapGrid={[8, 8]}
          connectOnClick={false}
          connectionRadius={28}
          nodeDragThreshold={4}
          elevateNodesOnSelect={false}
          proOptions={{ hideAttribution: true }}
          onInit={(flow) => {
            const box = frame.current?.getBoundingClientRect();
            const view = firstView(viewKey, model, box?.width ?? 0, box?.height ?? 0);
            if (view) void flow.setViewport(view);
          }}
          onMoveEnd={(_, viewport) => rememberView(viewKey, viewport)}
          aria-label="The flow as a drawing"
        >
          <Detail frame={frame} />
        </ReactFlow>
        {model.cards.size ? <Minimap model={model} theme={theme} /> : null}
        <ZoomBar
          onFit={fit}
          onTidy={editable ? props.onTidy : undefined}
          onNote={editable ? props.onNote : undefined}
        />
        {props.children}
      </main>
    </CanvasContext>
  );
}

export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Inner {...props} />
    </ReactFlowProvider>
  );
}
