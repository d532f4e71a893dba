/** Level of detail by a class on the canvas, and the grid: nothing else is drawn again while zooming. */

import { Background, useStore } from "@xyflow/react";
import { type RefObject, useLayoutEffect } from "react";

export function detailOf(zoom: number): "near" | "mid" | "far" {
  return zoom >= 0.7 ? "near" : zoom >= 0.4 ? "mid" : "far";
}

export function Detail({ frame }: { frame: RefObject<HTMLDivElement | null> }) {
  const zoom = useStore((state) => state.transform[2]);
  const detail = detailOf(zoom);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    element.style.setProperty("--zoom", String(zoom));
    for (const each of ["near", "mid", "far"]) element.classList.toggle(each, each === detail);
  }, [frame, zoom, detail]);
  return <Background gap={zoom < 0.7 ? 32 : 16} size={1.5 / Math.min(1, zoom)} />;
}
