/** One edge: an orthogonal way with its tip, its label pill and, while hovered, the + that inserts a step. */

import { IconCheck, IconPlus } from "@tabler/icons-react";
import { EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { memo, useMemo } from "react";
import type { Point } from "@/graph/document";
import { widthOf } from "@/graph/letters";
import { type Route, route } from "@/graph/route";
import type { DrawnEdge } from "./model";
import type { EdgeOverlay } from "./overlay";
import { useCanvas, useCanvasStore } from "./store";

const PLAIN: EdgeOverlay = {};

interface LabelProps {
  id: string;
  text: string;
  overlay: EdgeOverlay;
  way: Route;
  /** The pointer is on the line, or it is chosen. */
  asked: boolean;
}

function Label({ id, text, overlay, way, asked }: LabelProps) {
  const shown = overlay.label ?? text;
  const numbered = Boolean(overlay.value || overlay.count);
  const place = way.label;
  const hit = useCanvas((state) => (state.hit === id ? "hit now" : state.hits.has(id) ? "hit" : ""));
  if (!place || (!shown && !numbered)) return null;
  const bare = !shown;
  const half = (place.width * place.grow) / 2;
  const numbers = widthOf(`${overlay.value ?? ""}${overlay.count ?? ""}`, 11) + (numbered ? 10 : 0);
  const short = widthOf(shown, 11) + numbers + 16 > place.width;
  const room = { "--room": `${place.width}px`, "--grow": place.grow } as React.CSSProperties;
  return (
    <span
      className={`label ${overlay.state ?? ""} ${bare ? "bare" : ""} ${overlay.value ? "valued" : ""} ${short ? "short" : ""} ${asked ? "asked" : ""} ${hit}`}
      style={{
        ...room,
        transform: `translate(${-50 + 50 * place.side}%, -50%) translate(${place.x - place.side * half}px, ${place.y}px)`,
      }}
      title={short ? shown : undefined}
      data-testid={`edge-label-${id}`}
    >
      {overlay.state === "taken" && overlay.label ? <IconCheck className="i i12" aria-hidden="true" /> : null}
      {shown ? <span className="cut">{shown}</span> : null}
      {overlay.value ? <b>{overlay.value}</b> : null}
      {overlay.count ? <span className="count">{overlay.count}</span> : null}
    </span>
  );
}

const FREE = 26;

/** The point of a line nearest to its middle that is clear of its label and, where they can be grasped, of its ends. */
function freePoint(way: Route, labelled: boolean, ends: boolean): Point | null {
  const label = labelled ? way.label : null;
  const reach = label ? (label.width * label.grow) / 2 + 14 : 0;
  const [first, last] = [way.points[0] ?? way.middle, way.points.at(-1) ?? way.middle];
  const far = (a: Point, b: Point) => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
  const free = (at: Point) =>
    !(label && Math.abs(label.x - at.x) < reach && Math.abs(label.y - at.y) < 22) &&
    (!ends || (far(at, first) >= FREE && far(at, last) >= FREE));
  if (free(way.middle)) return way.middle;
  let best: Point | null = null;
  way.points.slice(1).forEach((to, index) => {
    const from = way.points[index] ?? to;
    for (let step = 0; step <= 8; step++) {
      const at = { x: from.x + ((to.x - from.x) * step) / 8, y: from.y + ((to.y - from.y) * step) / 8 };
      if (!free(at) || far(at, first) < 12 || far(at, last) < 12) continue;
      if (!best || far(at, way.middle) < far(best, way.middle)) best = at;
    }
  });
  // A short line with a name has no free place: then the + stands where the line ends, and only its grips take that.
  return best ?? (ends ? null : { x: last.x, y: Math.min(last.y - 14, (label?.y ?? last.y) + 22) });
}

function Plus({ id, way, labelled, ends }: { id: string; way: Route; labelled: boolean; ends: boolean }) {
  const store = useCanvasStore();
  const at = freePoint(way, labelled, ends);
  if (!at) return null;
  return (
    <button
      type="button"
      className="plus nodrag nopan"
      style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
      aria-label="Add a step here"
      data-testid={`edge-plus-${id}`}
      onMouseEnter={() => store.setState({ hoverEdge: id })}
      onClick={(event) =>
        store.getState().onAdd({ kind: "edge", edge: id }, event.currentTarget.getBoundingClientRect())
      }
    >
      <IconPlus className="i i12" aria-hidden="true" />
    </button>
  );
}

function FlowEdgeView({ id, data, selected, sourceX, sourceY, targetX, targetY }: EdgeProps<DrawnEdge>) {
  const hovered = useCanvas(
    (state) => state.editable && (state.hoverEdge === id || (state.drop?.kind === "edge" && state.drop.id === id)),
  );
  const editable = useCanvas((state) => state.editable);
  const overlay = useCanvas((state) => state.overlay.edges[id] ?? PLAIN);
  // React Flow measures handles in whole pixels; the drawing knows better, and only a card on the move is asked of it.
  const drift = (x: number, y: number, at: Point) => Math.abs(x - at.x) + Math.abs(y - at.y);
  const near = data && drift(sourceX, sourceY, data.from) + drift(targetX, targetY, data.to) < 14;
  const settled = near ? data.route : null;
  const startX = Math.abs(sourceX - targetX) < 5 ? targetX : sourceX;
  const way = useMemo(
    () => settled ?? route({ x: startX, y: sourceY }, { x: targetX, y: targetY }),
    [settled, startX, sourceY, targetX, targetY],
  );
  if (!data) return null;
  const tone =
    hovered || selected
      ? "hover"
      : overlay.mark
        ? `m-${overlay.mark}`
        : (overlay.state ?? (data.kind === "error" ? "error" : ""));
  const tip = way.points.at(-1) ?? { x: targetX, y: targetY };
  const volume = overlay.share === undefined ? undefined : ({ "--share": overlay.share } as React.CSSProperties);
  return (
    <>
      {volume ? <path className="e volume" d={way.d} style={volume} /> : null}
      <path id={`way-${id}`} className={`e ${tone}`} d={way.d} data-testid={`edge-${id}`} />
      <path className="react-flow__edge-interaction" d={way.d} fill="none" strokeOpacity={0} strokeWidth={22}>
        {data.label ? <title>{data.label}</title> : null}
      </path>
      <path className={`tip ${tone}`} d={`M${tip.x - 4} ${tip.y - 6.5}h8l-4 6.5z`} />
      <EdgeLabelRenderer>
        <Label id={id} text={data.label} overlay={overlay} way={way} asked={hovered || Boolean(selected)} />
        {editable && (hovered || selected) ? (
          <Plus id={id} way={way} labelled={Boolean(overlay.label ?? data.label)} ends={Boolean(selected)} />
        ) : null}
      </EdgeLabelRenderer>
    </>
  );
}

export const FlowEdge = memo(FlowEdgeView);
