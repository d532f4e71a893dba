import { useLayoutEffect } from "react";
import { type Overlay, reconcile } from "./overlay";
import { useCanvasStore } from "./store";

interface Props {
  overlay: Overlay;
  /** Its maker has kept the identity of what did not change: there is nothing to compare. */
  kept?: boolean;
}

/** Draws an overlay from inside of a canvas: ten new ones a second draw the cards that changed and nothing else. */
export function Overlaid({ overlay, kept = false }: Props) {
  const store = useCanvasStore();
  useLayoutEffect(() => {
    store.setState((before) => ({ overlay: kept ? overlay : reconcile(before.overlay, overlay) }));
  }, [store, overlay, kept]);
  return null;
}
