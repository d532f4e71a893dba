/** Undo and redo of everything, with the name of each step. */

import type { Graph } from "./document";
import type { Change } from "./operations";

export interface Step {
  readonly label: string;
  readonly graph: Graph;
  readonly key?: string;
}

/** `past` are graphs as they were before each step, newest last; `future` what was undone, nearest last. */
export interface History {
  readonly past: readonly Step[];
  readonly present: Graph;
  readonly future: readonly Step[];
  readonly lastKey?: string;
}

const DEPTH = 500;

export function begin(graph: Graph): History {
  return { past: [], present: graph, future: [] };
}

/** Takes a step. A step with the same key as the one before continues it: typing a word is one undo. */
export function advance(history: History, change: Change): History {
  if (change.graph === history.present) return history;
  if (change.key && change.key === history.lastKey) return { ...history, present: change.graph, future: [] };
  const step: Step = { label: change.label, graph: history.present, ...(change.key ? { key: change.key } : {}) };
  return {
    past: [...history.past, step].slice(-DEPTH),
    present: change.graph,
    future: [],
    ...(change.key ? { lastKey: change.key } : {}),
  };
}

/** Ends a run of joined steps, so that the next change is a step of its own. */
export function settle(history: History): History {
  const { lastKey, ...rest } = history;
  return lastKey ? rest : history;
}

export function undo(history: History): History {
  const step = history.past.at(-1);
  if (!step) return history;
  return {
    past: history.past.slice(0, -1),
    present: step.graph,
    future: [...history.future, { label: step.label, graph: history.present }],
  };
}

export function redo(history: History): History {
  const step = history.future.at(-1);
  if (!step) return history;
  return {
    past: [...history.past, { label: step.label, graph: history.present }],
    present: step.graph,
    future: history.future.slice(0, -1),
  };
}

/** Replaces the graph with what came from elsewhere (a merge) as a step that can be undone. */
export function adopt(history: History, graph: Graph, label: string): History {
  return advance(settle(history), { label, graph });
}
