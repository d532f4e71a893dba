/** What a path is called in rows of a condition, and which path is meant by what was typed. */

import { fieldName } from "@/graph/ruleWords";
import type { Variable } from "../data";

const PATH = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/;
const TRAIT = "customer.traits.";

/** "Employees" for a trait, "plan (event)" and "tech (Enrich company)" for the rest; the path where nobody knows it. */
export function shown(path: string, variables: readonly Variable[]): string {
  if (path.startsWith(TRAIT)) return fieldName(path);
  const known = variables.find((each) => each.path === path);
  if (!known) return path;
  const short = path.replace(/^(customer|event\.properties|event|steps\.\w+\.output)\.?/, "");
  const name = `${short || "output"} (${known.source || path.split(".")[0]})`;
  const twins = variables.filter((each) => each.source === known.source && each.path.endsWith(`.${short}`));
  return twins.length > 1 ? path : name;
}

/** A typed name that is no path is a trait's. */
export function pathOf(text: string, variables: readonly Variable[]): string {
  const known = variables.find(({ path }) => path === text || shown(path, variables) === text);
  if (known) return known.path;
  if (PATH.test(text)) return text;
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return plain ? `${TRAIT}${plain}` : "";
}

/** What rows can be about: only plain paths, in groups by where they come from. */
export function choices(variables: readonly Variable[]): { group: string; items: string[] }[] {
  const groups = new Map<string, Set<string>>();
  for (const each of variables) {
    if (!PATH.test(each.path)) continue;
    const group = each.source === "customer" ? "Customer" : each.source === "event" ? "Event" : each.source || "Other";
    const items = groups.get(group) ?? new Set();
    groups.set(group, items.add(shown(each.path, variables)));
  }
  return [...groups].map(([group, items]) => ({ group, items: [...items] }));
}
