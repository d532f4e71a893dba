/** What is drawn and not saved yet, kept in the browser: a closed tab, a crash or a lost connection costs nothing. */

import { type Graph, isRecord, readGraph } from "@/graph/document";

/** `base` and `revision` are what the changes started from, so that they can still be merged days later. */
export interface Backup {
  readonly graph: Graph;
  readonly base: Graph;
  readonly revision: number;
}

const TAB = "flowstudio:tab";
let mine = "";

/** Each page keeps its own: what one has saved must not take away what another has not. A reload is the same page. */
function page(): string {
  if (mine) return mine;
  const [entry] = performance.getEntriesByType?.("navigation") ?? [];
  const again = entry && "type" in entry && (entry.type === "reload" || entry.type === "back_forward");
  try {
    mine = (again && sessionStorage.getItem(TAB)) || Math.random().toString(36).slice(2, 10);
    sessionStorage.setItem(TAB, mine);
  } catch {
    mine = Math.random().toString(36).slice(2, 10);
  }
  return mine;
}

function prefix(flow: string): string {
  return `flowstudio:draft:${flow}`;
}

function key(flow: string): string {
  return `${prefix(flow)}:${page()}`;
}

/** False when the browser has no room for it: then leaving the page asks first. */
export function writeBackup(flow: string, backup: Backup): boolean {
  try {
    localStorage.setItem(key(flow), JSON.stringify({ ...backup, at: Date.now() }));
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

function read(name: string): (Backup & { readonly at: number }) | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(name) ?? "null");
    if (!isRecord(value) || typeof value.revision !== "number") return null;
    const at = typeof value.at === "number" ? value.at : 0;
    return { graph: readGraph(value.graph), base: readGraph(value.base), revision: value.revision, at };
  } catch {
    return null;
  }
}

/** This page's own backup, else the newest that another page has left behind, which becomes this page's. */
export function readBackup(flow: string): Backup | null {
  try {
    const own = read(key(flow));
    if (own) return own;
    const others = Object.keys(localStorage)
      .filter((name) => name === prefix(flow) || name.startsWith(`${prefix(flow)}:`))
      .flatMap((name) => {
        const backup = read(name);
        return backup ? [{ name, backup }] : [];
      })
      .sort((a, b) => b.backup.at - a.backup.at);
    const [newest] = others;
    if (!newest) return null;
    writeBackup(flow, newest.backup);
    localStorage.removeItem(newest.name);
    return newest.backup;
  } catch {
    return null;
  }
}
