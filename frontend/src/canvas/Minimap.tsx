/** The whole flow in a corner, on one small <canvas>: no element a node, so that a thousand of them cost nothing. */

import { useReactFlow, useStore, useStoreApi } from "@xyflow/react";
import { type PointerEvent, useEffect, useMemo, useRef } from "react";
import type { Model } from "./model";

const W = 132;
const H = 176;
const PAD = 12;

interface Frame {
  x: number;
  y: number;
  scale: number;
}

function frameOf(model: Model): Frame {
  const cards = [...model.cards.values()];
  if (!cards.length) return { x: 0, y: 0, scale: 0.1 };
  const left = Math.min(...cards.map((card) => card.position.x));
  const top = Math.min(...cards.map((card) => card.position.y));
  const width = Math.max(...cards.map((card) => card.position.x + (card.width ?? 0))) - left;
  const height = Math.max(...cards.map((card) => card.position.y + (card.height ?? 0))) - top;
  const scale = Math.min((W - 2 * PAD) / width, (H - 2 * PAD) / height, 0.12);
  return { x: left - (W / scale - width) / 2, y: top - (H / scale - height) / 2, scale };
}

function paint(surface: HTMLCanvasElement, model: Model, frame: Frame): void {
  const pen = surface.getContext("2d");
  if (!pen) return;
  const dense = window.devicePixelRatio || 1;
  surface.width = W * dense;
  surface.height = H * dense;
  pen.scale(dense, dense);
  const style = getComputedStyle(surface);
  const colours = new Map<string, string>();
  for (const card of model.cards.values()) {
    const kind = card.data.type?.kind ?? (card.data.trigger ? "trigger" : "exit");
    const colour = colours.get(kind) ?? style.getPropertyValue(`--fs-k-${kind}-solid`);
    colours.set(kind, colour);
    pen.fillStyle = colour;
    pen.beginPath();
    const [x, y] = [(card.position.x - frame.x) * frame.scale, (card.position.y - frame.y) * frame.scale];
    pen.roundRect(
      x,
      y,
      Math.max(2, (card.width ?? 0) * frame.scale),
      Math.max(1.5, (card.height ?? 0) * frame.scale),
      1.5,
    );
    pen.fill();
  }
}

/** `theme` only says when to paint again. */
export function Minimap({ model, theme }: { model: Model; theme: string }) {
  const surface = useRef<HTMLCanvasElement>(null);
  const frame = useMemo(() => frameOf(model), [model]);
  const flow = useReactFlow();
  const api = useStoreApi();
  const transform = useStore((state) => state.transform);
  const size = useStore((state) => `${state.width} ${state.height}`);
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours come from CSS, which follows the theme
  useEffect(() => {
    if (surface.current) paint(surface.current, model, frame);
  }, [model, frame, theme]);
  const [width = 0, height = 0] = size.split(" ").map(Number);
  const [tx, ty, zoom] = transform;
  const view = {
    left: (-tx / zoom - frame.x) * frame.scale,
    top: (-ty / zoom - frame.y) * frame.scale,
    width: (width / zoom) * frame.scale,
    height: (height / zoom) * frame.scale,
  };
  const jump = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.left) / frame.scale + frame.x;
    const y = (event.clientY - box.top) / frame.scale + frame.y;
    const [, , at] = api.getState().transform;
    void flow.setCenter(x, y, { zoom: at });
  };
  return (
    <div
      className="canvas-ui minimap"
      data-testid="minimap"
      aria-hidden="true"
      onPointerDown={jump}
      onPointerMove={jump}
    >
      <canvas ref={surface} style={{ width: W, height: H }} />
      <i className="minimap-view" style={view} />
    </div>
  );
}
