/** Rule groups (what the rule builder edits) to CEL and back: the mirror of `flowstudio.domain.rules`. */

import { type Config, isRecord, type Json } from "./document";
import { seconds } from "./duration";

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
  "includes",
  "not_includes",
  "before",
  "after",
  "within_last",
  "longer_ago",
] as const;

export type Op = (typeof OPS)[number];

export interface Leaf {
  readonly field: string;
  readonly op: Op;
  readonly value?: Json;
}

/** How often a customer did something, `within` a time or ever. Only a segment can ask it: a run knows no history. */
export interface Did {
  readonly event: string;
  readonly op: Op;
  readonly value?: Json;
  readonly within?: string;
}

export type Row = Leaf | Did;
export type Rule = Row | Group;
export type Group = { readonly all: readonly Rule[] } | { readonly any: readonly Rule[] };

export const UNARY: ReadonlySet<Op> = new Set<Op>(["exists", "not_exists", "is_true", "is_false"]);
export const LISTS: ReadonlySet<Op> = new Set<Op>(["in", "not_in"]);

export const SYMBOLS: Readonly<Partial<Record<Op, string>>> = {
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
  eq: "==",
  ne: "!=",
};

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
  includes: "includes",
  not_includes: "does not include",
  before: "is before",
  after: "is after",
  within_last: "is in the last",
  longer_ago: "is over",
};

/** How often, in words; also the order in which they are offered. */
export const TIMES: Readonly<Partial<Record<Op, string>>> = {
  gte: "at least",
  gt: "more than",
  eq: "exactly",
  lte: "at most",
  lt: "fewer than",
  ne: "not exactly",
};

export const SPANS: ReadonlySet<Op> = new Set<Op>(["within_last", "longer_ago"]);
export const DATES: ReadonlySet<Op> = new Set<Op>(["before", "after"]);

/** The comparisons that make sense for a type, the likeliest first; all of them where the type is not known. */
export function opsFor(type: string): readonly Op[] {
  switch (type) {
    case "number":
      return ["gt", "gte", "lt", "lte", "eq", "ne", "in", "not_in", "exists", "not_exists"];
    case "boolean":
      return ["is_true", "is_false", "exists", "not_exists"];
    case "list":
      return ["includes", "not_includes", "exists", "not_exists"];
    case "date":
      return ["within_last", "longer_ago", "before", "after", "exists", "not_exists"];
    case "string":
      return [
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
      ];
    case "object":
      return ["exists", "not_exists"];
    default:
      return OPS;
  }
}

export function isDid(rule: unknown): rule is Did {
  return isRecord(rule) && "event" in rule;
}

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

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

export function isDate(text: string): boolean {
  return DATE.test(text) && !Number.isNaN(Date.parse(text.slice(0, 10)));
}

/** A date or a time as RFC 3339: a date begins at midnight, and what names no zone is UTC. */
function moment(text: string): string {
  const [, time, secs, , zone] = DATE.exec(text) ?? [];
  if (time === undefined) return `${text}T00:00:00Z`;
  const written = zone === undefined ? text : text.slice(0, -zone.length);
  return `${written}${secs === undefined ? ":00" : ""}${zone ?? "Z"}`;
}

/** A duration as CEL writes one: "30d" is "720h". */
function span(text: string): string {
  const total = seconds(text) ?? 0;
  const [size, unit] = total % 3600 === 0 ? [3600, "h"] : total % 60 === 0 ? [60, "m"] : [1, "s"];
  return `${total / size}${unit}`;
}

function didToCel({ event, op, value, within }: Did): string {
  const when = within ? `, ${literal(within)}` : "";
  return `did(${literal(event)}${when}) ${SYMBOLS[op] ?? ">="} ${Number(value ?? 1)}`;
}

function leafToCel(rule: Row): string {
  if (isDid(rule)) return didToCel(rule);
  const { field, op, value } = rule;
  const symbol = SYMBOLS[op];
  if (symbol) return `${field} ${symbol} ${literal(value)}`;
  switch (op) {
    case "includes":
      return `${literal(value)} in ${field}`;
    case "not_includes":
      return `!(${literal(value)} in ${field})`;
    case "before":
    case "after":
      return `timestamp(${field}) ${op === "before" ? "<" : ">"} timestamp("${moment(String(value))}")`;
    case "within_last":
    case "longer_ago":
      return `timestamp(${field}) ${op === "within_last" ? ">" : "<"} now - duration("${span(String(value))}")`;
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

function didComplete({ event, op, value = 1, within }: Did): boolean {
  const often = typeof value === "number" && Number.isInteger(value) && value >= 0;
  return Boolean(event.trim()) && TIMES[op] !== undefined && often && (!within || seconds(within) !== null);
}

/** Whether every row of a group says something yet. */
export function complete(rule: Rule): boolean {
  if (isGroup(rule)) return rulesOf(rule).length > 0 && rulesOf(rule).every(complete);
  if (isDid(rule)) return didComplete(rule);
  if (!rule.field) return false;
  if (UNARY.has(rule.op)) return true;
  if (SPANS.has(rule.op)) return seconds(String(rule.value ?? "")) !== null;
  if (DATES.has(rule.op)) return isDate(String(rule.value ?? ""));
  return Array.isArray(rule.value)
    ? rule.value.length > 0
    : rule.value !== undefined && rule.value !== null && rule.value !== "";
}

/** Every row of a rule, from the top. */
export function flatten(rule: Rule): Row[] {
  if (isGroup(rule)) return rulesOf(rule).flatMap(flatten);
  return isRecord(rule) ? [rule] : [];
}
