/** Rules in words: a row as a card says it, and a whole condition as one reads it aloud. */

import { listed } from "./clock";
import { isRecord, type Json } from "./document";
import { duration } from "./duration";
import {
  DATES,
  type Did,
  flatten,
  type Group,
  isDid,
  isGroup,
  joinOf,
  LISTS,
  OP_WORDS,
  type Row,
  type Rule,
  rulesOf,
  SPANS,
  SYMBOLS,
  TIMES,
  UNARY,
} from "./rules";

/** A value as a person reads it: the mirror of `flowstudio.domain.rules.said`. */
export function said(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item) => said(item)).join(", ");
  return isRecord(value) ? Object.keys(value).join(", ") : String(value).replace(/\s+/g, " ").trim();
}

/** "customer.traits.employees" → "Employees". */
export function fieldName(path: string): string {
  const last = path.split(".").at(-1) ?? path;
  const words = last.replace(/[_-]+/g, " ").trim();
  return words ? words[0]?.toUpperCase() + words.slice(1) : "";
}

/** "Employees > 100": one row in words and signs. */
export function leafWords(rule: Row): string {
  if (isDid(rule)) return didWords(rule);
  const { field, op, value } = rule;
  const sign = op === "ne" ? "is not" : op === "eq" ? "is" : (SYMBOLS[op] ?? OP_WORDS[op] ?? op);
  const name = fieldName(String(field ?? ""));
  if (SPANS.has(op)) return `${name} ${sign} ${duration(said(value))}${op === "longer_ago" ? " ago" : ""}`;
  return UNARY.has(op) ? `${name} ${sign}` : `${name} ${sign} ${said(value)}`.trim();
}

export function didWords({ event, op, value = 1, within }: Did): string {
  const what = event || "…";
  const when = within ? ` in ${duration(within)}` : "";
  const key = `${op}${String(value)}`;
  if (key === "gte1" || key === "gt0") return `Did ${what}${when}`;
  if (key === "eq0" || key === "lt1" || key === "lte0") return `Did not do ${what}${when}`;
  return `Did ${what} ${TIMES[op] ?? op} ${said(value)} ${value === 1 ? "time" : "times"}${when}`;
}

/** The first condition of a case, with how many more there are. */
export function firstRule(when: Json): string {
  if (typeof when === "string") return when.replace(/customer\.traits\./g, "").replace(/\s+/g, " ");
  if (!isGroup(when)) return "";
  const leaves = flatten(when);
  const [leaf] = leaves;
  if (!leaf || !(isDid(leaf) ? leaf.event : leaf.field)) return "";
  return leaves.length > 1 ? `${leafWords(leaf)} and ${leaves.length - 1} more` : leafWords(leaf);
}

/** One row as a sentence's part: "Employees is over 100". `name` says what a path is called where it stands. */
function spokenRow(rule: Row, name: (path: string) => string): string {
  if (isDid(rule)) return didWords(rule).replace(/^Did/, "did");
  const { field, op, value } = rule;
  const what = name(field);
  if (UNARY.has(op)) return `${what} ${OP_WORDS[op]}`;
  if (SPANS.has(op)) return `${what} ${OP_WORDS[op]} ${duration(said(value))}${op === "longer_ago" ? " ago" : ""}`;
  if (LISTS.has(op)) return `${what} ${OP_WORDS[op]} ${listed(Array.isArray(value) ? value.map(quoted) : [], "or")}`;
  return `${what} ${OP_WORDS[op]} ${DATES.has(op) ? said(value) : quoted(value)}`;
}

function quoted(value: Json | undefined): string {
  return typeof value === "string" ? `“${said(value)}”` : said(value);
}

function spoken(rule: Rule, name: (path: string) => string, inside: boolean): string {
  if (!isGroup(rule)) return spokenRow(rule, name);
  const rules = rulesOf(rule);
  const join = joinOf(rule) === "all" ? "and" : "or";
  const nested = rules.some((each) => isGroup(each) && rulesOf(each).length > 1);
  const parts = rules.map((each) => spoken(each, name, rules.length > 1));
  const text = nested ? parts.join(`, ${join} `) : listed(parts, join);
  return inside && rules.length > 1 ? `(${text})` : text;
}

/** A condition in plain English: "Employees is over 100, and (Country is “PT” or Plan is “pro”)". */
export function groupWords(group: Group, name: (path: string) => string = fieldName): string {
  const text = spoken(group, name, false);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
