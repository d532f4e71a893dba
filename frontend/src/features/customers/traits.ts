import type { Json, Provenance } from "@/api/models";

/** A trait's value in a line. */
export function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return "–";
  if (typeof value === "string") return value;
  if (typeof value === "number")
    return new Intl.NumberFormat("en-GB", { maximumFractionDigits: 6, useGrouping: "min2" }).format(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((each) => shown(each)).join(", ");
  return JSON.stringify(value);
}

/** What kind of value a trait holds. */
export function kindOf(value: Json): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "list";
  return typeof value === "boolean" ? "yes or no" : typeof value === "string" ? "text" : typeof value;
}

/** A source in words: who brought a value. */
export function sourceName(source: string): string {
  if (source === "event") return "An event";
  if (source === "flow") return "A flow";
  return source.charAt(0).toUpperCase() + source.slice(1).replaceAll("_", " ");
}

/** The letter of a source, as its badge shows it. */
export function letter(source: string): string {
  return sourceName(source).replace(/^An? /, "").charAt(0).toUpperCase();
}

/** All values a trait was given: the winner first, then the losers from the newest. */
export function history(values: readonly Provenance[]): Provenance[] {
  return [...values].sort((a, b) => Number(b.won) - Number(a.won) || b.occurred_at.localeCompare(a.occurred_at));
}
