/** For whom previews are made: chosen once, kept for the session of this tab. "" is whoever was seen last. */

import { useSyncExternalStore } from "react";
import type { Person } from "../data";

const KEY = "flowstudio-preview-as";
const NOBODY: Person = { id: "", name: "" };
const listeners = new Set<() => void>();
let kept: Person | null = null;

function read(): Person {
  if (kept) return kept;
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    const { id, name } = (found ?? {}) as Partial<Person>;
    kept = typeof id === "string" && typeof name === "string" ? { id, name } : NOBODY;
  } catch {
    kept = NOBODY;
  }
  return kept;
}

export function previewAs(person: Person | null): void {
  kept = person ?? NOBODY;
  sessionStorage.setItem(KEY, JSON.stringify(kept));
  for (const each of listeners) each();
}

export function usePreviewAs(): Person {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, read);
}
