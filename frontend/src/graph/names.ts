/** Ids that stay valid inside expressions: `steps.enrich` must always parse. */

import type { Graph } from "./document";

const KEYWORDS = new Set(
  (
    "as break const continue else false for function if import in let loop package namespace null return true var void " +
    "while"
  ).split(" "),
);
const VALID = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

export function validId(id: string): boolean {
  return VALID.test(id) && !KEYWORDS.has(id);
}

/** A readable id from words: "Save to warehouse" → `save_to_warehouse`; numbered when taken or a keyword. */
export function freshId(words: string, taken: ReadonlySet<string>): string {
  const stem =
    words
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "")
      .replace(/^([0-9])/, "_$1")
      .slice(0, 48) || "node";
  if (!taken.has(stem) && validId(stem)) return stem;
  for (let n = 2; ; n++) {
    const id = `${stem}_${n}`;
    if (!taken.has(id)) return id;
  }
}

export function takenIds(graph: Graph): Set<string> {
  return new Set([...graph.nodes, ...graph.edges, ...graph.notes, ...(graph.groups ?? [])].map(({ id }) => id));
}
