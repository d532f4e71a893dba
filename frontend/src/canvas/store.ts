/** The canvas's own small state. Cards and edges read narrow slices of it, so that one change draws one card. */

import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { Issue } from "@/graph/check";
import type { Place } from "@/graph/operations";
import { type Mode, NO_OVERLAY, type Overlay } from "./overlay";

export interface Connecting {
  readonly source: string;
  readonly port: string;
  readonly valid: ReadonlySet<string>;
}

/** What a pointer that drags a new node is over. */
export type Drop =
  | { readonly kind: "edge"; readonly id: string }
  | { readonly kind: "port"; readonly node: string; readonly port: string };

export interface CanvasState {
  mode: Mode;
  editable: boolean;
  overlay: Overlay;
  issues: ReadonlyMap<string, readonly Issue[]>;
  hoverEdge: string | null;
  connecting: Connecting | null;
  drop: Drop | null;
  dragging: boolean;
  /** Asks for a new node at a place; the anchor is the + that was pressed. */
  onAdd: (place: Place, anchor: DOMRect) => void;
  onNoteText: (id: string, text: string) => void;
  onNoteSize: (id: string, size: { w: number; h: number }) => void;
}

export type CanvasStore = StoreApi<CanvasState>;

const nothing = () => {};

export function createCanvasStore(): CanvasStore {
  return createStore<CanvasState>(() => ({
    mode: "build",
    editable: true,
    overlay: NO_OVERLAY,
    issues: new Map(),
    hoverEdge: null,
    connecting: null,
    drop: null,
    dragging: false,
    onAdd: nothing,
    onNoteText: nothing,
    onNoteSize: nothing,
  }));
}

export const CanvasContext = createContext<CanvasStore | null>(null);

export function useCanvasStore(): CanvasStore {
  const store = useContext(CanvasContext);
  if (!store) throw new Error("a card is drawn outside of a Canvas");
  return store;
}

export function useCanvas<T>(select: (state: CanvasState) => T): T {
  return useStore(useCanvasStore(), select);
}
