import { createContext, useContext, useSyncExternalStore } from "react";
import { ago, clock, full } from "./time";

/** The workspace's zone, shown on hover beside the viewer's. */
export const WorkspaceZone = createContext("UTC");

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) now = Date.now();
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time now, renewed each second: one timer for all who ask. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

// Asking the browser for its zone is slow, and rows ask every second.
const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The moment in the viewer's zone and the workspace's, for a title. */
export function useMoment(at: string): string {
  const zone = useContext(WorkspaceZone);
  return mine === zone ? full(at, mine) : `${full(at, mine)}\n${full(at, zone)}`;
}

/** How long ago something was; the exact moment on hover. */
export function TimeAgo({ at }: { at: string }) {
  const text = ago(at, useNow());
  return (
    <time dateTime={at} title={useMoment(at)}>
      {text}
    </time>
  );
}

/** A moment to the second in the viewer's zone; both zones on hover. */
export function Clock({ at }: { at: string }) {
  return (
    <time dateTime={at} title={useMoment(at)}>
      {clock(at, Date.now())}
    </time>
  );
}
