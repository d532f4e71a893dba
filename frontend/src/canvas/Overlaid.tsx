import { useLayoutEffect } from "react";
import { type Overlay, reconcile } from "./overlay";
import { useCanvasStore } from "./store";

/** Draws an overlay from inside of a canvas: ten new ones a second draw the cards that changed and nothing else. */
export function Overlaid({ overlay }: { overlay: Overlay }) {
  const store = useCanvasStore();
  useLayoutEffect(() => {
    store.setState((before) => ({ overlay: reconcile(before.overlay, overlay) }));
  }, [store, overlay]);
  return null;
}
