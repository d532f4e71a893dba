/** Rule groups (what the rule builder edits) to CEL and back: the mirror of `flowstudio.domain.rules`. */

import { type Config, isRecord, type Json } from "./document";

export const OPS = [
  "gt",
  "gte",
  "lt",
  "lte",
  "eq",
  "ne",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "in",
  "not_in",
  "exists",
  "not_exists",
  "is_true",
  "is_false",
] as const;

export type Op = (typeof OPS)[number];

export interface Leaf {
  readonly field: string;
  readonly op: Op;
  readonly value?: Json;
}

export type Rule = Leaf | Group;
export type Group = { readonly all: readonly Rule[] } | { readonly any: readonly Rule[] };

export const UNARY: ReadonlySet<Op> = new Set<Op>(["exists", "not_exists", "is_true", "is_false"]);
export const LISTS: ReadonlySet<Op> = new Set<Op>(["in", "not_in"]);

const SYMBOLS: Readonly<Partial<Record<Op, string>>> = { gt: ">", gte: ">=", lt: "<", lte: "<=", eq: "==", ne: "!=" };

export const OP_WORDS: Readonly<Record<Op, string>> = {
  gt: "is over",
  gte: "is at least",
  lt: "is under",
  lte: "is at most",
  eq: "is",
  ne: "is not",
  contains: "contains",
  not_contains: "does not contain",
  starts_with: "starts with",
  ends_with: "ends with",
  in: "is one of",
  not_in: "is none of",
  exists: "is known",
  not_exists: "is unknown",
  is_true: "is true",
  is_false: "is false",
};

export function isGroup(rule: unknown): rule is Group {
  return isRecord(rule) && (Array.isArray(rule.all) || Array.isArray(rule.any));
}

export function joinOf(group: Group): "all" | "any" {
  return "all" in group && Array.isArray(group.all) ? "all" : "any";
}

export function rulesOf(group: Group): readonly Rule[] {
  return "all" in group && Array.isArray(group.all) ? group.all : "any" in group ? group.any : [];
}

export function makeGroup(join: "all" | "any", rules: readonly Rule[]): Group {
  return join === "all" ? { all: rules } : { any: rules };
}

function literal(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item)).join(", ")}]`;
  if (isRecord(value)) {
    const entries = Object.entries(value as Config).map(([key, item]) => `${JSON.stringify(key)}: ${literal(item)}`);
    return `{${entries.join(", ")}}`;
  }
  return JSON.stringify(value ?? null);
}

/** A value as a person reads it: the mirror of `flowstudio.domain.rules.said`. */
export function said(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item) => said(item)).join(", ");
  return isRecord(value) ? Object.keys(value).join(", ") : String(value).replace(/\s+/g, " ").trim();
}

function leafToCel({ field, op, value }: Leaf): string {
  const symbol = SYMBOLS[op];
  if (symbol) return `${field} ${symbol} ${literal(value)}`;
  switch (op) {
    case "contains":
      return `${field}.contains(${literal(value)})`;
    case "not_contains":
      return `!${field}.contains(${literal(value)})`;
    case "starts_with":
      return `${field}.startsWith(${literal(value)})`;
    case "ends_with":
      return `${field}.endsWith(${literal(value)})`;
    case "in":
      return `${field} in ${literal(value)}`;
    case "not_in":
      return `!(${field} in ${literal(value)})`;
    case "exists":
      return `has(${field})`;
    case "not_exists":
      return `!has(${field})`;
    case "is_true":
      return `${field} == true`;
    default:
      return `${field} == false`;
  }
}

function ruleToCel(rule: Rule, inside: boolean): string {
  if (!isGroup(rule)) return leafToCel(rule);
  const rules = rulesOf(rule);
  if (rules.length === 0) return joinOf(rule) === "all" ? "true" : "false";
  const text = rules
    .map((item) => ruleToCel(item, inside || rules.length > 1))
    .join(joinOf(rule) === "all" ? " && " : " || ");
  return inside && rules.length > 1 ? `(${text})` : text;
}

export function toCel(group: Group): string {
  return ruleToCel(group, false);
}

/** Whether every row of a group says something yet. */
export function complete(rule: Rule): boolean {
  if (isGroup(rule)) return rulesOf(rule).length > 0 && rulesOf(rule).every(complete);
  if (!rule.field) return false;
  if (UNARY.has(rule.op)) return true;
  return Array.isArray(rule.value)
    ? rule.value.length > 0
    : rule.value !== undefined && rule.value !== null && rule.value !== "";
}

/** "customer.traits.employees" → "Employees". */
export function fieldName(path: string): string {
  const last = path.split(".").at(-1) ?? path;
  const words = last.replace(/[_-]+/g, " ").trim();
  return words ? words[0]?.toUpperCase() + words.slice(1) : "";
}

/** "Employees > 100": one row in words and signs. */
export function leafWords({ field, op, value }: Leaf): string {
  const sign = op === "ne" ? "is not" : op === "eq" ? "is" : (SYMBOLS[op] ?? OP_WORDS[op] ?? op);
  const name = fieldName(String(field ?? ""));
  return UNARY.has(op) ? `${name} ${sign}` : `${name} ${sign} ${said(value)}`.trim();
}

/** The first condition of a case, with how many more there are. */
export function firstRule(when: Json): string {
  if (typeof when === "string") return when.replace(/customer\.traits\./g, "").replace(/\s+/g, " ");
  if (!isGroup(when)) return "";
  const leaves = flatten(when);
  const [leaf] = leaves;
  if (!leaf?.field) return "";
  return leaves.length > 1 ? `${leafWords(leaf)} and ${leaves.length - 1} more` : leafWords(leaf);
}

function flatten(rule: Rule): Leaf[] {
  if (isGroup(rule)) return rulesOf(rule).flatMap(flatten);
  return isRecord(rule) ? [rule] : [];
}
