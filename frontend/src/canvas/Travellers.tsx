/** Customers on their way: dots along the edges on one <canvas> above them and below their labels, never elements of their own. */

import { useStoreApi, ViewportPortal } from "@xyflow/react";
import { useEffect, useRef, useState } from "react";
import { easeTravel, pointOn, sampled, travelTime, type Way } from "./travel";

/** How many customers have left along an edge just now. */
export interface Departure {
  readonly edge: string;
  readonly count: number;
  readonly failed: boolean;
}

interface Dot {
  readonly edge: string;
  /** Looked up when it sets off: a line does not move in the second that it takes. */
  way?: Way | null;
  readonly start: number;
  readonly failed: boolean;
}

/** Deltas come up to ten times a second: more than three at once on an edge are a stream, not customers. */
const STREAM = 3;
const STREAM_MS = 1_200;
const MOST = 300;
const SPREAD_MS = 110;
/** Below this a card is a bar of colour, and a customer beside it would be larger than the card. */
const TINY = 0.2;
const TAIL = 26;
const TAIL_PARTS = 6;

function still(): boolean {
  return document.hidden || (window.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false);
}

interface Colours {
  accent: string;
  failed: string;
  ground: string;
}

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return { accent: read("--fs-accent"), failed: read("--fs-failed-solid"), ground: read("--fs-canvas") };
}

/** Draws until nobody is on the way any more; nothing runs while nothing moves. */
class Traffic {
  private dots: Dot[] = [];
  private readonly streams = new Map<string, number>();
  private readonly ways = new Map<string, { d: string; way: Way }>();
  private frame = 0;
  private place = "";
  private colours: Colours = { accent: "", failed: "", ground: "" };

  constructor(
    private readonly surface: HTMLCanvasElement,
    private readonly view: () => { width: number; height: number; transform: readonly [number, number, number] },
  ) {}

  send(departures: readonly Departure[]): void {
    if (!departures.length || still() || this.view().transform[2] < TINY) return;
    const now = performance.now();
    for (const { edge, count, failed } of departures) {
      if (count > STREAM) this.streams.set(edge, now + STREAM_MS);
      else if (!this.streams.has(edge)) {
        for (let at = 0; at < count; at++) this.dots.push({ edge, failed, start: now + (at * SPREAD_MS) / count });
      }
    }
    if (this.dots.length > MOST) this.dots = this.dots.slice(-MOST);
    if (this.frame) return;
    this.colours = coloursOf(this.surface);
    this.frame = requestAnimationFrame(this.draw);
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  /** An edge out of view is not drawn, and nobody is seen on it. */
  private way(edge: string): Way | null {
    const path = document.getElementById(`way-${edge}`);
    if (!(path instanceof SVGPathElement)) return null;
    const d = path.getAttribute("d") ?? "";
    const known = this.ways.get(edge);
    if (known?.d === d) return known.way;
    const way = sampled(path.getTotalLength(), (distance) => path.getPointAtLength(distance));
    this.ways.set(edge, { d, way });
    return way;
  }

  private readonly draw = (now: number): void => {
    const pen = this.surface.getContext("2d");
    if (!pen) return;
    const { width, height, transform } = this.view();
    const dense = window.devicePixelRatio || 1;
    if (this.surface.width !== Math.round(width * dense) || this.surface.height !== Math.round(height * dense)) {
      this.surface.width = Math.round(width * dense);
      this.surface.height = Math.round(height * dense);
      this.surface.style.width = `${width}px`;
      this.surface.style.height = `${height}px`;
    }
    const [tx, ty, zoom] = transform;
    // It lies inside of the drawing, between edges and labels, and there stays as large as the window.
    const place = `scale(${1 / zoom}) translate(${-tx}px, ${-ty}px)`;
    if (place !== this.place) this.surface.style.transform = place;
    this.place = place;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.surface.width, this.surface.height);
    pen.setTransform(zoom * dense, 0, 0, zoom * dense, tx * dense, ty * dense);
    // From afar a dot keeps a size that can be seen.
    const grown = Math.max(1, 0.6 / zoom);
    for (const [edge, until] of this.streams) {
      if (until < now) this.streams.delete(edge);
      else this.stream(pen, edge, now, grown);
    }
    this.dots = this.dots.filter((dot) => this.dot(pen, dot, now, grown));
    const busy = this.dots.length > 0 || this.streams.size > 0;
    if (!busy) pen.clearRect(-1e6, -1e6, 2e6, 2e6);
    this.frame = busy ? requestAnimationFrame(this.draw) : 0;
  };

  private stream(pen: CanvasRenderingContext2D, edge: string, now: number, grown: number): void {
    const d = this.way(edge) && this.ways.get(edge)?.d;
    if (!d) return;
    pen.save();
    pen.strokeStyle = this.colours.accent;
    pen.lineCap = "round";
    pen.lineWidth = 4 * grown;
    pen.setLineDash([1, 11 * grown]);
    pen.lineDashOffset = -now * 0.09 * grown;
    pen.stroke(new Path2D(d));
    pen.restore();
  }

  /** Whether the customer is still on the way. */
  private dot(pen: CanvasRenderingContext2D, dot: Dot, now: number, grown: number): boolean {
    const { edge, start, failed } = dot;
    if (now < start) return true;
    dot.way ??= this.way(edge);
    const { way } = dot;
    if (!way) return false;
    const t = (now - start) / travelTime(way.length);
    if (t >= 1) return false;
    const head = easeTravel(t) * way.length;
    const colour = failed ? this.colours.failed : this.colours.accent;
    pen.strokeStyle = colour;
    pen.lineCap = "round";
    // From afar the tail is shorter than the dot is wide.
    for (let part = grown > 1 ? TAIL_PARTS : 0; part < TAIL_PARTS; part++) {
      const from = head - (TAIL * grown * (TAIL_PARTS - part)) / TAIL_PARTS;
      const to = from + (TAIL * grown) / TAIL_PARTS;
      if (to <= 0) continue;
      const [a, b] = [pointOn(way, from), pointOn(way, to)];
      pen.globalAlpha = 0.15 + (0.5 * part) / TAIL_PARTS;
      pen.lineWidth = (2 + (2.5 * part) / TAIL_PARTS) * grown;
      pen.beginPath();
      pen.moveTo(a.x, a.y);
      pen.lineTo(b.x, b.y);
      pen.stroke();
    }
    const at = pointOn(way, head);
    pen.globalAlpha = 1;
    pen.beginPath();
    pen.arc(at.x, at.y, 4.5 * grown, 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.strokeStyle = this.colours.ground;
    pen.lineWidth = 1.5 * grown;
    pen.fill();
    pen.stroke();
    return true;
  }
}

/** Sets a dot off for each departure; a new list is new departures. */
export function Travellers({ departures }: { departures: readonly Departure[] }) {
  // The place inside of the drawing comes after this component: state, not a ref, tells when it is there.
  const [surface, setSurface] = useState<HTMLCanvasElement | null>(null);
  const traffic = useRef<Traffic | null>(null);
  const api = useStoreApi();
  useEffect(() => {
    if (!surface) return;
    const made = new Traffic(surface, () => api.getState());
    traffic.current = made;
    return () => {
      made.stop();
      traffic.current = null;
    };
  }, [api, surface]);
  useEffect(() => traffic.current?.send(departures), [departures]);
  return (
    <ViewportPortal>
      <div className="travellers" aria-hidden="true">
        <canvas ref={setSurface} data-testid="travellers" />
      </div>
    </ViewportPortal>
  );
}
