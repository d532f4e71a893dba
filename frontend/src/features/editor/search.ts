/** Finding a node type by what it is called, who sells it, or what it is for. */

import { CATEGORIES, type Catalogue, type NodeType } from "@/graph/catalogue";

export interface Group {
  readonly category: string;
  readonly types: readonly NodeType[];
}

function score(type: NodeType, words: readonly string[]): number {
  const name = type.name.toLowerCase();
  const all = `${name} ${type.type} ${type.category} ${type.vendor?.name ?? ""} ${type.help}`.toLowerCase();
  if (!words.every((word) => all.includes(word))) return -1;
  return words.reduce((sum, word) => sum + (name.startsWith(word) ? 3 : name.includes(word) ? 2 : 0), 0);
}

/** Groups in the palette's order; with a query the best match stands first in each. */
export function byCategory(catalogue: Catalogue, query: string): Group[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [...catalogue.values()]
    .map((type) => ({ type, rank: score(type, words) }))
    .filter(({ rank }) => rank >= 0);
  const names = [...new Set([...CATEGORIES, ...found.map(({ type }) => type.category)])];
  const groups = names.map((category) => {
    const rows = found.filter(({ type }) => type.category === category);
    if (words.length) rows.sort((a, b) => b.rank - a.rank);
    return { category, types: rows.map(({ type }) => type), best: Math.max(-1, ...rows.map(({ rank }) => rank)) };
  });
  const kept = groups.filter(({ types }) => types.length);
  if (words.length) kept.sort((a, b) => b.best - a.best);
  return kept;
}
