/** Level of detail by a class on the canvas, and the grid: nothing else is drawn again while zooming. */

import { Background, useStore } from "@xyflow/react";
import { type RefObject, useLayoutEffect } from "react";

export function detailOf(zoom: number): "near" | "mid" | "far" | "far tiny" {
  return zoom >= 0.7 ? "near" : zoom >= 0.4 ? "mid" : zoom >= 0.2 ? "far" : "far tiny";
}

/** The dots keep a distance that the eye can rest on: it doubles as one goes away. */
function gapOf(zoom: number): number {
  let gap = 16;
  while (gap * zoom < 11.2) gap *= 2;
  return gap;
}

export function Detail({ frame }: { frame: RefObject<HTMLElement | null> }) {
  const zoom = useStore((state) => state.transform[2]);
  const detail = detailOf(zoom);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    element.style.setProperty("--zoom", String(zoom));
    const names = detail.split(" ");
    for (const each of ["near", "mid", "far", "tiny"]) element.classList.toggle(each, names.includes(each));
  }, [frame, zoom, detail]);
  return <Background gap={gapOf(zoom)} size={1.5 / Math.min(1, zoom)} />;
}
