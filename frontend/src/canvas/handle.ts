/** What a page may ask of its canvas: show all, show one card, and where a pointer is. */

import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type Ref, useCallback, useImperativeHandle } from "react";
import type { Point } from "@/graph/document";
import type { Place } from "@/graph/operations";
import { dropAt, placeOf } from "./drop";
import type { Model } from "./model";
import type { CanvasStore } from "./store";
import { wholeView } from "./view";

export interface CanvasHandle {
  fit: () => void;
  /** Shows these and nothing else, as large as they fit. */
  zoomTo: (ids: ReadonlySet<string>) => void;
  zoomBack: () => void;
  zoomBy: (factor: number) => void;
  /** Brings a card, edge or note into view, only as far as needed. */
  show: (id: string) => void;
  /** The point of the canvas in the middle of the window. */
  center: () => Point;
  /** A dragged new node is at this place of the window: lights up what it would land on. */
  hover: (x: number, y: number) => void;
  /** It was let go: where it lands, or null outside of the canvas. */
  drop: (x: number, y: number) => Place | null;
  /** Lets the name of a card, the name of a group or the text of a note be typed where it stands. */
  rename: (id: string) => void;
  /** Gives a card the keys. */
  focus: (id: string) => void;
  /** Where a card is in the window now. */
  screenBox: (id: string) => DOMRect | null;
}

export function useCanvasHandle(ref: Ref<CanvasHandle> | undefined, model: Model, store: CanvasStore): () => void {
  const flow = useReactFlow();
  const api = useStoreApi();
  const fit = useCallback(() => {
    const { width, height } = api.getState();
    const view = wholeView(model, width, height);
    if (view) void flow.setViewport(view, { duration: 220 });
  }, [api, flow, model]);

  useImperativeHandle(ref, () => {
    const frame = () => api.getState().domNode?.getBoundingClientRect();
    const inside = (x: number, y: number) => {
      const box = frame();
      const top = document.elementFromPoint(x, y);
      const covered = top?.closest(".panel, .palette, .canvas-ui");
      return Boolean(box && !covered && x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
    };
    const boxOf = (id: string) => {
      const card = model.cards.get(id);
      if (card) return { ...card.position, w: card.width ?? 0, h: card.height ?? 0 };
      const edge = model.edges.find((item) => item.id === id);
      if (edge?.data) return { ...edge.data.route.middle, w: 0, h: 0 };
      const note = model.nodes.find((item) => item.id === id);
      return note ? { ...note.position, w: note.width ?? 0, h: note.height ?? 0 } : null;
    };
    return {
      fit,
      zoomTo: (ids) => {
        const { width, height } = api.getState();
        const edge = model.edges.find((item) => ids.has(item.id));
        const view = wholeView(model, width, height, edge ? new Set([...ids, edge.source, edge.target]) : ids);
        if (view) void flow.setViewport(view, { duration: 220 });
      },
      zoomBack: () => void flow.zoomTo(1, { duration: 140 }),
      zoomBy: (factor) => void (factor > 1 ? flow.zoomIn({ duration: 140 }) : flow.zoomOut({ duration: 140 })),
      show: (id) => {
        const box = boxOf(id);
        const { width, height, transform } = api.getState();
        if (!box) return;
        const zoom = Math.max(transform[2], 0.75);
        const [x, y] = [box.x * transform[2] + transform[0], box.y * transform[2] + transform[1]];
        const visible =
          x > 24 && y > 24 && x + box.w * transform[2] < width - 24 && y + box.h * transform[2] < height - 24;
        if (!visible || zoom !== transform[2])
          void flow.setCenter(box.x + box.w / 2, box.y + box.h / 2, { zoom, duration: 220 });
      },
      center: () => {
        const box = frame();
        return box
          ? flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 })
          : { x: 0, y: 0 };
      },
      hover: (x, y) =>
        store.setState({
          drop: inside(x, y) ? dropAt(model, flow.screenToFlowPosition({ x, y }, { snapToGrid: false })) : null,
        }),
      drop: (x, y) => {
        store.setState({ drop: null });
        if (!inside(x, y)) return null;
        const at = flow.screenToFlowPosition({ x, y }, { snapToGrid: false });
        return placeOf(dropAt(model, at), at);
      },
      rename: (id) => store.setState({ renaming: id }),
      focus: (id) => document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus(),
      screenBox: (id) => {
        const box = boxOf(id);
        const origin = frame();
        if (!box || !origin) return null;
        const [tx, ty, zoom] = api.getState().transform;
        return new DOMRect(origin.left + box.x * zoom + tx, origin.top + box.y * zoom + ty, box.w * zoom, box.h * zoom);
      },
    };
  }, [api, fit, flow, model, store]);
  return fit;
}
