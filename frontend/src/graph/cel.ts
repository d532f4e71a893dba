/** Reads the part of CEL that the rule builder can show; anything richer stays a text and is edited as one. */

import type { Json } from "./document";
import { seconds } from "./duration";
import {
  type Group,
  isDate,
  isDid,
  isGroup,
  joinOf,
  makeGroup,
  type Op,
  type Row,
  type Rule,
  rulesOf,
  TIMES,
} from "./rules";

type Token = { readonly kind: "path" | "string" | "number" | "sign"; readonly text: string };

const TOKEN =
  /\s*(?:(?<path>[A-Za-z_][\w]*(?:\.[A-Za-z_][\w]*)*)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<number>-?\d+(?:\.\d+)?)|(?<sign>&&|\|\||==|!=|>=|<=|[><!()[\],-]))/y;

class NotSimple extends Error {}

function tokens(source: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim()) {
    const match = TOKEN.exec(source);
    const [kind, text] = Object.entries(match?.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    if (!kind || text === undefined) throw new NotSimple();
    found.push({ kind: kind as Token["kind"], text });
  }
  return found;
}

const COMPARE: Readonly<Record<string, Op>> = {
  ">": "gt",
  ">=": "gte",
  "<": "lt",
  "<=": "lte",
  "==": "eq",
  "!=": "ne",
};
const METHODS: Readonly<Record<string, Op>> = {
  contains: "contains",
  startsWith: "starts_with",
  endsWith: "ends_with",
};
const NEGATED: Readonly<Partial<Record<Op, Op>>> = {
  contains: "not_contains",
  in: "not_in",
  includes: "not_includes",
  exists: "not_exists",
  is_true: "is_false",
};

class Reader {
  private at = 0;
  private readonly list: readonly Token[];

  constructor(list: readonly Token[]) {
    this.list = list;
  }

  done(): boolean {
    return this.at >= this.list.length;
  }

  private peek(text: string): boolean {
    return this.list[this.at]?.text === text && this.list[this.at]?.kind !== "string";
  }

  private take(text?: string): Token {
    const token = this.list[this.at];
    if (!token || (text !== undefined && !this.peek(text))) throw new NotSimple();
    this.at += 1;
    return token;
  }

  private chain(sign: "&&" | "||", next: () => Rule): Rule {
    const rules = [next()];
    while (this.peek(sign)) {
      this.take();
      rules.push(next());
    }
    return rules.length === 1 ? (rules[0] as Rule) : makeGroup(sign === "&&" ? "all" : "any", rules);
  }

  either(): Rule {
    return this.chain("||", () => this.chain("&&", () => this.one()));
  }

  private one(): Rule {
    if (this.peek("!")) {
      this.take();
      const rule = this.one();
      const op = isGroup(rule) || isDid(rule) ? undefined : NEGATED[rule.op];
      if (isGroup(rule) || isDid(rule) || !op) throw new NotSimple();
      return { ...rule, op };
    }
    if (this.peek("(")) {
      this.take();
      const rule = this.either();
      this.take(")");
      return rule;
    }
    return this.leaf();
  }

  private leaf(): Row {
    const { kind, text } = this.take();
    if (kind === "string" || kind === "number" || text === "true" || text === "false") return this.member(kind, text);
    if (kind !== "path") throw new NotSimple();
    if (this.peek("(")) return this.called(text);
    const sign = this.list[this.at];
    if (sign?.text === "in" && sign.kind === "path") {
      this.take();
      return { field: text, op: "in", value: this.items() };
    }
    const op = sign?.kind === "sign" ? COMPARE[sign.text] : undefined;
    if (!op) return { field: text, op: "is_true" };
    this.take();
    const value = this.value();
    if (value === true && op === "eq") return { field: text, op: "is_true" };
    if (value === false && op === "eq") return { field: text, op: "is_false" };
    return { field: text, op, value };
  }

  /** `"x" in path`: a list that includes a value. */
  private member(kind: Token["kind"], text: string): Row {
    const value = kind === "string" ? unquote(text) : kind === "number" ? Number(text) : text === "true";
    this.take("in");
    const path = this.take();
    if (path.kind !== "path" || this.peek("(")) throw new NotSimple();
    return { field: path.text, op: "includes", value };
  }

  /** `timestamp(path)` beside a moment, or beside now less a time. */
  private dated(): Row {
    const path = this.take();
    this.take(")");
    const sign = this.take().text;
    if (path.kind !== "path" || (sign !== "<" && sign !== ">")) throw new NotSimple();
    if (this.peek("now")) {
      this.take();
      this.take("-");
      const value = shortest(this.argument("duration"));
      return { field: path.text, op: sign === ">" ? "within_last" : "longer_ago", value };
    }
    const value = this.argument("timestamp").replace(/T00:00:00Z$/, "");
    if (!isDate(value)) throw new NotSimple();
    return { field: path.text, op: sign === "<" ? "before" : "after", value };
  }

  /** The one text that a function is given. */
  private argument(name: string): string {
    this.take(name);
    this.take("(");
    const { kind, text } = this.take();
    this.take(")");
    if (kind !== "string") throw new NotSimple();
    return unquote(text);
  }

  /** `did("Purchase", "30d") >= 2`. */
  private history(): Row {
    const event = this.take();
    let within = "";
    if (this.peek(",")) {
      this.take();
      const text = this.take();
      within = text.kind === "string" ? unquote(text.text) : "";
      if (seconds(within) === null) throw new NotSimple();
    }
    this.take(")");
    const op = COMPARE[this.take().text];
    const value = this.value();
    if (event.kind !== "string" || !op || !TIMES[op] || typeof value !== "number") throw new NotSimple();
    return { event: unquote(event.text), op, value, ...(within ? { within } : {}) };
  }

  private called(path: string): Row {
    this.take("(");
    if (path === "timestamp") return this.dated();
    if (path === "did") return this.history();
    if (path === "has") {
      const { kind, text } = this.take();
      this.take(")");
      if (kind !== "path") throw new NotSimple();
      return { field: text, op: "exists" };
    }
    const cut = path.lastIndexOf(".");
    const op = METHODS[path.slice(cut + 1)];
    if (cut < 0 || !op) throw new NotSimple();
    const value = this.value();
    this.take(")");
    return { field: path.slice(0, cut), op, value };
  }

  private items(): Json {
    if (!this.peek("[")) throw new NotSimple();
    return this.value();
  }

  private value(): Json {
    if (this.peek("[")) {
      this.take();
      const items: Json[] = [];
      while (!this.peek("]")) {
        items.push(this.value());
        if (!this.peek("]")) this.take(",");
      }
      this.take();
      return items;
    }
    const { kind, text } = this.take();
    if (kind === "number") return Number(text);
    if (kind === "string") return unquote(text);
    if (text === "true" || text === "false") return text === "true";
    throw new NotSimple();
  }
}

/** "720h" is "30d": the longest unit that comes out even. */
function shortest(text: string): string {
  const match = /^(\d+)([hms])$/.exec(text);
  const total = match ? Number(match[1]) * ({ h: 3600, m: 60, s: 1 }[match[2] as "h" | "m" | "s"] ?? 1) : 0;
  if (seconds(`${total}s`) === null || !match) throw new NotSimple();
  const [size, unit] = (
    [
      [86400, "d"],
      [3600, "h"],
      [60, "m"],
    ] as const
  ).find(([each]) => total % each === 0) ?? [1, "s"];
  return `${total / size}${unit}`;
}

function unquote(text: string): string {
  const inner = text.startsWith("'") ? text.slice(1, -1).replace(/\\'/g, "'").replace(/"/g, '\\"') : text.slice(1, -1);
  try {
    return String(JSON.parse(`"${inner}"`));
  } catch {
    throw new NotSimple();
  }
}

/** The rule group an expression says, or null when it needs to be edited as CEL. */
export function fromCel(source: string): Group | null {
  if (!source.trim()) return { all: [] };
  try {
    const reader = new Reader(tokens(source));
    const rule = reader.either();
    if (!reader.done()) return null;
    return isGroup(rule) ? makeGroup(joinOf(rule), rulesOf(rule)) : { all: [rule] };
  } catch (reason) {
    if (reason instanceof NotSimple) return null;
    throw reason;
  }
}
