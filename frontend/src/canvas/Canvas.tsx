/** The one drawing of a flow, for every mode: what a marketer drew is what they watch. */

import "@xyflow/react/dist/base.css";
import "./canvas.css";
import "./edges.css";
import "./ports.css";
import "./detail.css";
import { ReactFlow, ReactFlowProvider } from "@xyflow/react";
import { type ReactNode, type Ref, useEffect, useMemo, useRef, useState } from "react";
import type { Catalogue } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import type { Graph, Point } from "@/graph/document";
import type { Place } from "@/graph/operations";
import { Card } from "./Card";
import { ConnectionLine } from "./ConnectionLine";
import { Detail } from "./Detail";
import { FlowEdge } from "./FlowEdge";
import { type CanvasHandle, useCanvasHandle } from "./handle";
import { Minimap } from "./Minimap";
import { buildModel, EMPTY_MODEL, type Model } from "./model";
import { NoteCard } from "./NoteCard";
import { type Mode, type Overlay, reconcile } from "./overlay";
import { CanvasContext, createCanvasStore } from "./store";
import { useDrawn } from "./useDrawn";
import { useWiring } from "./useWiring";
import { firstView, rememberView } from "./view";
import { ZoomBar } from "./Zoom";

export type { CanvasHandle } from "./handle";

const nodeTypes = { card: Card, note: NoteCard };
const edgeTypes = { flow: FlowEdge };
const NO_ISSUES: ReadonlyMap<string, readonly Issue[]> = new Map();
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
  onNoteSize?: (id: string, size: { w: number; h: number }) => void;
  ref?: Ref<CanvasHandle>;
  children?: ReactNode;
}

function Inner(props: CanvasProps) {
  const { graph, catalogue, mode, selection, onSelect, viewKey, settle = 0, theme } = props;
  const editable = props.editable ?? true;
  const [store] = useState(createCanvasStore);
  const last = useRef<Model>(EMPTY_MODEL);
  const model = useMemo(() => {
    last.current = buildModel(graph, catalogue, last.current);
    return last.current;
  }, [graph, catalogue]);
  const { nodes, change } = useDrawn(model, selection, settle);
  const edges = useMemo(
    () => model.edges.map((edge) => (selection.has(edge.id) ? { ...edge, selected: true } : edge)),
    [model, selection],
  );
  const frame = useRef<HTMLElement>(null);

  const issues = props.issues ?? NO_ISSUES;
  const { onAdd = nothing, onNoteText = nothing, onNoteSize = nothing, overlay } = props;
  useEffect(() => {
    store.setState((before) => ({
      mode,
      editable,
      issues,
      onAdd,
      onNoteText,
      onNoteSize,
      ...(overlay ? { overlay: reconcile(before.overlay, overlay) } : {}),
    }));
  }, [store, mode, editable, issues, onAdd, onNoteText, onNoteSize, overlay]);

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
  });
  useEffect(
    () => store.subscribe(({ connecting }) => frame.current?.classList.toggle("connecting", connecting !== null)),
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
