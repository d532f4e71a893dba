/** What can be done here and now, offered by whatever is on the screen, for the palette that lists it all. */

import { useEffect, useSyncExternalStore } from "react";

export interface Offered {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  /** What else one might call it. */
  readonly also?: string;
  /** The key that does the same, as it is shown. */
  readonly keys?: string;
  readonly run: () => void;
}

const sources = new Map<symbol, () => readonly Offered[]>();
const listeners = new Set<() => void>();
let version = 0;

function changed(): void {
  version += 1;
  for (const each of listeners) each();
}

/** Offers commands while a component is there; `list` is asked when the palette opens. */
export function useOffered(list: () => readonly Offered[]): void {
  useEffect(() => {
    const key = Symbol("commands");
    sources.set(key, list);
    changed();
    return () => {
      sources.delete(key);
      changed();
    };
  }, [list]);
}

/** Everything that is offered now. */
export function offered(): Offered[] {
  return [...sources.values()].flatMap((list) => list());
}

/** Renders anew when other components begin or cease to offer something. */
export function useOffers(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => version,
  );
}

const gap = (text: string, letters: string): number | null => {
  let at = -1;
  let lost = 0;
  for (const letter of letters) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    if (at >= 0) lost += next - at - 1;
    at = next;
  }
  return lost;
};

/** How well a text fits what was typed: the smaller the better, null for not at all. Words may come in any order, and
 * letters may be left out within one word. */
export function nearness(typed: string, name: string, also = ""): number | null {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const [title, rest] = [name.toLowerCase(), also.toLowerCase()];
  let total = 0;
  for (const word of words) {
    const at = title.indexOf(word);
    if (at >= 0) total += at === 0 ? 0 : title[at - 1] === " " ? 1 : 3;
    else if (rest.includes(word)) total += 6;
    else {
      const lost = word.length > 1 ? gap(title, word) : null;
      if (lost === null || lost > 12) return null;
      total += 8 + lost;
    }
  }
  return total;
}

const RECENT = "flowstudio-recent-commands";
const MOST = 8;

/** What was used last, newest first. */
export function recent(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function remember(id: string): void {
  localStorage.setItem(RECENT, JSON.stringify([id, ...recent().filter((each) => each !== id)].slice(0, MOST)));
}

/** In the order in which they are shown: what fits best first; of equals, and with nothing typed, what was used last. */
export function ranked(all: readonly Offered[], typed: string, used: readonly string[]): Offered[] {
  const place = (id: string) => {
    const at = used.indexOf(id);
    return at < 0 ? used.length : at;
  };
  return all
    .flatMap((each, order) => {
      const rank = nearness(typed, each.name, `${each.group} ${each.also ?? ""}`);
      return rank === null ? [] : [{ each, rank, order }];
    })
    .sort((a, b) => a.rank - b.rank || place(a.each.id) - place(b.each.id) || a.order - b.order)
    .map(({ each }) => each);
}
