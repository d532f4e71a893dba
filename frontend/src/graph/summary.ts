/** The one computed sentence of a card, from its type's format string: the mirror of `flowstudio.domain.summary`. */

import { type Config, isRecord, type Json } from "./document";
import { duration } from "./duration";
import { firstRule, said as plain } from "./ruleWords";
import { untilWords } from "./untilWords";

export const LIMIT = 30;

export interface Sentence {
  readonly short: string;
  readonly full: string;
}

function first(value: Json | undefined): string {
  if (!Array.isArray(value)) return isRecord(value) ? (Object.keys(value)[0] ?? "") : plain(value);
  const [item] = value;
  if (!isRecord(item)) return plain(item);
  const first = item.name || (item.when === undefined ? item.event : firstRule(item.when as Json));
  const more = value.length - 1;
  return more > 0 ? `${plain(first as Json)} and ${more} more` : plain(first as Json);
}

const WORDS = new Map([
  ["email", "e-mail"],
  ["id", "ID"],
  ["url", "URL"],
]);

function nameOf(expression: string): string {
  const path = (expression.split("|")[0] ?? "").replace(/^ +| +$/g, "");
  if (!/^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(path)) return "…";
  const keys = path.split(".");
  const key = keys.at(-1) ?? "";
  const last = (WORDS.get(key) ?? key.replaceAll("_", " ").replace(/^ +| +$/g, "")) || "…";
  const whose = keys[0] ?? "";
  return keys.length === 2 && (whose === "customer" || whose === "event") ? `${whose}'s ${last}` : last;
}

/** A template as its author would say it: `{{ customer.email }}` is "customer's e-mail". */
export function spoken(text: string): string {
  if (!text.includes("{")) return text;
  return text
    .replace(/\{%[^{}]*?%\}/g, "")
    .replace(/\{\{-?([^{}]*?)-?\}\}/g, (_, expression: string) => nameOf(expression))
    .replace(/ {2,}/g, " ")
    .replace(/^ +| +$/g, "");
}

/** Arms with their shares: "A 50 %, B 50 %". */
function shares(value: Json | undefined): string {
  const arms = Array.isArray(value) ? value.filter(isRecord) : [];
  const weights = arms.map(({ weight }) => (typeof weight === "number" && weight > 0 ? weight : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!total) return "";
  const percent = (share: number) => String(Math.floor(share * 1000 + 0.5) / 10);
  return arms
    .map((arm, at) => `${plain(arm.name as Json) || `Arm ${at + 1}`} ${percent((weights[at] ?? 0) / total)} %`)
    .join(", ");
}

/** What a Join waits for, from its whole config: "All arms", "2 arms". */
function join(value: Json | undefined, config: Config): string {
  if (value === "any") return "The first arm";
  return value === "count" ? `${plain((config.count ?? 2) as Json)} arms` : "All arms";
}

const FILTERS: Readonly<Record<string, (value: Json | undefined, config: Config) => string>> = {
  "": (value) => spoken(plain(value)),
  duration: (value) => duration(plain(value)),
  first: (value) => spoken(first(value)),
  quoted: (value) => {
    const text = spoken(plain(value));
    return text ? `“${text}”` : "";
  },
  shares,
  join,
  came: (value) => (value === "leave" ? "leaves" : "comes in"),
  startmode: (value) => (value === "wait" ? "Wait until it has ended" : "And go on at once"),
  until: (_, config) => untilWords(config),
  count: (value) => String(Array.isArray(value) ? value.length : isRecord(value) ? Object.keys(value).length : 0),
};

/** At most `LIMIT` characters, cut with an ellipsis; the whole stays in `full`. */
export function cut(full: string): string {
  const letters = [...full];
  return letters.length <= LIMIT
    ? full
    : `${letters
        .slice(0, LIMIT - 1)
        .join("")
        .trimEnd()}…`;
}

export function summarise(format: string, config: Config): Sentence {
  const full = format
    .replace(/\{([A-Za-z_][\w.]*)(?::([a-z]+))?\}/g, (_, name: string, filter = "") => {
      const value = name
        .split(".")
        .reduce<Json | undefined>((at, key) => (isRecord(at) ? (at[key] as Json) : undefined), config);
      return (FILTERS[filter] ?? ((other) => spoken(plain(other))))(value, config) || "…";
    })
    .trim();
  return { short: cut(full), full };
}
