import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import { LiveClient, type Person, type Status } from "./client";

function open(): WebSocket {
  const { protocol, host } = window.location;
  return new WebSocket(`${protocol === "https:" ? "wss" : "ws"}://${host}/ws/live/`);
}

/** The page's one live connection. It opens with the first topic and closes with the last. */
export const live = new LiveClient({ open });

if (typeof window !== "undefined") {
  window.addEventListener("online", () => live.wake());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") live.wake();
  });
}

/** Whether two values, or the entries of two flat lists or objects, are the same. */
export function shallow(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && Object.is(Reflect.get(a, key), Reflect.get(b, key)));
}

/**
 * A narrow part of a live topic: renders again only when what `select` returns changes (shallowly). Undefined until the
 * first snapshot, and for no topic.
 */
export function useTopic<State, Part>(
  topic: string | null,
  select: (state: State) => Part,
  client: LiveClient = live,
): Part | undefined {
  const last = useRef<{ state: unknown; select: unknown; part: Part } | null>(null);
  const subscribe = useCallback(
    (changed: () => void) => (topic ? client.listen(topic, changed) : () => undefined),
    [client, topic],
  );
  const read = (): Part | undefined => {
    const state = topic ? client.read(topic).state : undefined;
    if (state === undefined) return undefined;
    const before = last.current;
    if (before && before.state === state && before.select === select) return before.part;
    const part = select(state as State);
    const kept = before && shallow(before.part, part) ? before.part : part;
    last.current = { state, select, part: kept };
    return kept;
  };
  return useSyncExternalStore(subscribe, read);
}

/** Who else has the flow of a topic open. What is chosen here is told to them, at rest: not each step of a drag. */
export function usePeople(
  topic: string,
  chosen: readonly string[] | null,
  client: LiveClient = live,
): readonly Person[] {
  const subscribe = useCallback((changed: () => void) => client.listen(topic, changed), [client, topic]);
  const people = useSyncExternalStore(subscribe, () => client.people(topic));
  const told = chosen ? JSON.stringify(chosen) : null;
  useEffect(() => {
    if (told === null) {
      client.present(topic, null);
      return;
    }
    const timer = setTimeout(() => client.present(topic, JSON.parse(told) as string[]), 150);
    return () => clearTimeout(timer);
  }, [client, topic, told]);
  useEffect(() => () => client.present(topic, null), [client, topic]);
  return people;
}

/** Why the server refuses the topic, or "". */
export function useRefusal(topic: string | null, client: LiveClient = live): string {
  const subscribe = useCallback(
    (changed: () => void) => (topic ? client.listen(topic, changed) : () => undefined),
    [client, topic],
  );
  return useSyncExternalStore(subscribe, () => (topic ? client.read(topic).refusal : ""));
}

/** Whether the live connection stands, and since when it does not. */
export function useLiveStatus(client: LiveClient = live): { status: Status; lostAt: number | null } {
  const subscribe = useCallback((changed: () => void) => client.watch(changed), [client]);
  const status = useSyncExternalStore(subscribe, () => client.status);
  const lostAt = useSyncExternalStore(subscribe, () => client.lostAt);
  return { status, lostAt };
}
