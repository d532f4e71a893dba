/** Dragging a new node from the palette onto the canvas, with the pointer: mouse, pen or finger. */

import {
  type PointerEvent as ReactPointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import type { CanvasHandle } from "@/canvas/Canvas";
import { NodeIcon } from "@/canvas/icons";
import type { NodeType } from "@/graph/catalogue";
import type { Place } from "@/graph/operations";

interface Ghost {
  readonly type: NodeType;
  readonly x: number;
  readonly y: number;
}

const THRESHOLD = 5;

export function useDragNew(canvas: RefObject<CanvasHandle | null>, onDrop: (type: NodeType, place: Place) => void) {
  const [ghost, setGhost] = useState<Ghost | null>(null);
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);

  const start = useCallback(
    (type: NodeType, event: ReactPointerEvent) => {
      stop.current?.();
      const from = { x: event.clientX, y: event.clientY };
      const item = event.currentTarget as HTMLElement;
      const pointer = event.pointerId;
      let moving = false;
      const move = (next: PointerEvent) => {
        if (next.pointerId !== pointer) return;
        if (!moving && Math.hypot(next.clientX - from.x, next.clientY - from.y) < THRESHOLD) return;
        moving = true;
        item.dataset.dragged = "yes";
        next.preventDefault();
        setGhost({ type, x: next.clientX, y: next.clientY });
        canvas.current?.hover(next.clientX, next.clientY);
      };
      const end = (next: PointerEvent) => {
        if (next.pointerId !== pointer) return;
        stop.current?.();
        if (!moving || next.type !== "pointerup") return;
        const place = canvas.current?.drop(next.clientX, next.clientY);
        if (place) onDrop(type, place);
        // The click that follows a drag back onto the same item comes after this; without one the mark must not stay.
        setTimeout(() => delete item.dataset.dragged, 0);
      };
      const cancel = (key: KeyboardEvent) => {
        if (key.key === "Escape") stop.current?.();
      };
      stop.current = () => {
        window.removeEventListener("pointermove", move);
        window.removeEventListener("pointerup", end);
        window.removeEventListener("pointercancel", end);
        window.removeEventListener("keydown", cancel);
        canvas.current?.hover(-1, -1);
        setGhost(null);
        stop.current = null;
      };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", end);
      window.addEventListener("pointercancel", end);
      window.addEventListener("keydown", cancel);
    },
    [canvas, onDrop],
  );

  const view = ghost ? (
    <div
      className={`drag-ghost card slim k-${ghost.type.kind}`}
      style={{ left: ghost.x, top: ghost.y }}
      aria-hidden="true"
    >
      <div className="head">
        <span className="tile s">
          <NodeIcon name={ghost.type.icon} />
        </span>
        <div className="name">
          <span className="cut">{ghost.type.name}</span>
        </div>
      </div>
    </div>
  ) : null;
  return { start, view };
}
