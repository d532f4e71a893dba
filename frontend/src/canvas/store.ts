/** The canvas's own small state. Cards and edges read narrow slices of it, so that one change draws one card. */

import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { Issue } from "@/graph/check";
import type { NoteColor, Point } from "@/graph/document";
import type { Place } from "@/graph/operations";
import { type Mode, NO_OVERLAY, type Overlay } from "./overlay";

export interface Connecting {
  /** Which end of the line is in the hand: the way in to a card, or a way out of one. */
  readonly end: "target" | "source";
  readonly source: string;
  readonly port: string;
  readonly valid: ReadonlySet<string>;
}

/** Somebody else who has a card chosen. */
export interface Other {
  readonly name: string;
  /** One of the four tones that people have. */
  readonly tone: string;
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
  /** The card, group or note whose text is being typed. */
  renaming: string | null;
  /** Cards, lines and notes that a search found, and the one that is looked at. */
  hits: ReadonlySet<string>;
  hit: string | null;
  /** Who else has which card chosen. */
  others: ReadonlyMap<string, readonly Other[]>;
  onRename: (id: string, name: string) => void;
  onCollapse: (id: string, collapsed: boolean) => void;
  /** Chooses one thing and nothing else, before a drag of it begins. */
  onPick: (id: string) => void;
  onNoteColor: (id: string, color: NoteColor) => void;
  /** Asks for a new node at a place; the anchor is the + that was pressed. */
  onAdd: (place: Place, anchor: DOMRect) => void;
  onNoteText: (id: string, text: string) => void;
  onNoteSize: (id: string, size: { w: number; h: number }, position: Point) => void;
}

export type CanvasStore = StoreApi<CanvasState>;

const nothing = () => {};
export const NONE: ReadonlySet<string> = new Set();

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
    renaming: null,
    hits: NONE,
    hit: null,
    others: new Map(),
    onRename: nothing,
    onCollapse: nothing,
    onPick: nothing,
    onNoteColor: nothing,
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
