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
  return goTo(history, history.past.length - 1);
}

export function redo(history: History): History {
  return goTo(history, history.past.length + 1);
}

/** How far one has come: 0 is how the flow was opened, then one for each step. */
export function standing(history: History): number {
  return history.past.length;
}

/** The names of all steps, done and undone, in the order in which they were taken. */
export function labels(history: History): readonly string[] {
  return [...history.past.map(({ label }) => label), ...[...history.future].reverse().map(({ label }) => label)];
}

/** The graph as it was after `count` steps. Steps that are left behind can be taken again. */
export function goTo(history: History, count: number): History {
  const all = history.past.length + history.future.length;
  const to = Math.max(0, Math.min(all, count));
  if (to === history.past.length) return history;
  const names = labels(history);
  const graphs = [
    ...history.past.map(({ graph }) => graph),
    history.present,
    ...[...history.future].reverse().map(({ graph }) => graph),
  ];
  const step = (at: number, graph: number): Step => ({
    label: names[at] ?? "",
    graph: graphs[graph] ?? history.present,
  });
  return {
    past: Array.from({ length: to }, (_, at) => step(at, at)),
    present: graphs[to] ?? history.present,
    future: Array.from({ length: all - to }, (_, at) => step(all - 1 - at, all - at)),
  };
}

/** Replaces the graph with what came from elsewhere (a merge) as a step that can be undone. */
export function adopt(history: History, graph: Graph, label: string): History {
  return advance(settle(history), { label, graph });
}

const KEPT = 100;

/**
 * The graph becomes what it is together with somebody else's changes. They are joined into every step before and after,
 * too, so that going back undoes one's own steps and never theirs.
 */
export function join(history: History, graph: Graph, into: (graph: Graph) => Graph): History {
  const joined = (steps: readonly Step[]) => steps.slice(-KEPT).map((step) => ({ ...step, graph: into(step.graph) }));
  return { past: joined(history.past), present: graph, future: joined(history.future) };
}
