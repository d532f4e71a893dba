/** What is drawn and not saved yet, kept in the browser: a closed tab, a crash or a lost connection costs nothing. */

import { type Graph, isRecord, readGraph } from "@/graph/document";

/** `base` and `revision` are what the changes started from, so that they can still be merged days later. */
export interface Backup {
  readonly graph: Graph;
  readonly base: Graph;
  readonly revision: number;
}

function key(flow: string): string {
  return `flowstudio:draft:${flow}`;
}

/** False when the browser has no room for it: then leaving the page asks first. */
export function writeBackup(flow: string, backup: Backup): boolean {
  try {
    localStorage.setItem(key(flow), JSON.stringify(backup));
    return true;
  } catch {
    return false;
  }
}

export function clearBackup(flow: string): void {
  try {
    localStorage.removeItem(key(flow));
  } catch {
    // A forbidden storage holds no backup either.
  }
}

export function readBackup(flow: string): Backup | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key(flow)) ?? "null");
    if (!isRecord(value) || typeof value.revision !== "number") return null;
    return { graph: readGraph(value.graph), base: readGraph(value.base), revision: value.revision };
  } catch {
    return null;
  }
}
