/** What a mode draws over the same cards and edges: counts, the path of one run, what is faded. */

import { same } from "@/graph/document";
import type { State } from "@/ui/glyphs";

export type Mode = "build" | "simulate" | "live" | "history";

/** One piece of a card's footer, in reading order; `push` pieces stand at the right. */
export interface FootPart {
  readonly text?: string;
  readonly strong?: string;
  readonly glyph?: State | "check" | "retry";
  readonly tone?: State;
  readonly push?: boolean;
}

export interface NodeOverlay {
  readonly state?: State;
  readonly faded?: boolean;
  /** What became of it from one version to another. */
  readonly mark?: "added" | "changed" | "removed";
  /** Failing now: three beats, then the halo stays. */
  readonly pulse?: boolean;
  readonly foot?: readonly FootPart[];
  readonly badge?: { readonly text: string; readonly title: string };
  /** Far away: the number on the bar, and its share (0 to 1) of all entries. */
  readonly volume?: string;
  readonly share?: number;
  /** Share (0 to 1) of a wait that is over. */
  readonly progress?: number;
}

export interface EdgeOverlay {
  readonly state?: "taken" | "faded";
  readonly mark?: "added" | "changed" | "removed";
  /** Replaces the branch's name, e.g. the reason that decided. */
  readonly label?: string;
  /** A number beside the label, in bold: a share. */
  readonly value?: string;
  /** A plain number after it: a count. */
  readonly count?: string;
  /** Share (0 to 1) of the entries, drawn as the edge's width. */
  readonly share?: number;
}

export interface Overlay {
  readonly nodes: Readonly<Record<string, NodeOverlay>>;
  readonly edges: Readonly<Record<string, EdgeOverlay>>;
}

export const NO_OVERLAY: Overlay = { nodes: {}, edges: {} };

function kept<T>(before: Readonly<Record<string, T>>, now: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  if (before === now) return before;
  return Object.fromEntries(
    Object.entries(now).map(([id, value]) => {
      const old = before[id];
      return [id, old !== undefined && same(old, value) ? old : value];
    }),
  );
}

/** The new overlay with unchanged entries keeping their identity, so that only changed cards draw again. */
export function reconcile(before: Overlay, now: Overlay): Overlay {
  return before === now ? before : { nodes: kept(before.nodes, now.nodes), edges: kept(before.edges, now.edges) };
}
