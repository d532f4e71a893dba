/** A segment's rule as the form edits it: one group of rows over traits and over what customers did. */

import type { Json } from "@/graph/document";
import { isRecord } from "@/graph/document";
import { OPS, type Op, UNARY } from "@/graph/rules";

export interface TraitRow {
  readonly field: string;
  readonly op: Op;
  readonly value?: Json;
}

export interface DidRow {
  readonly event: string;
  readonly op: "did" | "did_not";
  readonly times: number;
  readonly within: string;
}

export type Row = TraitRow | DidRow;
export type Join = "all" | "any";

export interface Rule {
  readonly join: Join;
  readonly rows: readonly Row[];
}

export const FRESH_TRAIT: TraitRow = { field: "", op: "eq", value: "" };
export const FRESH_DID: DidRow = { event: "", op: "did", times: 1, within: "30d" };

export const isDid = (row: Row): row is DidRow => "event" in row;

/** The rule of a document; null where it has groups inside, which the form does not draw. */
export function readRule(value: unknown): Rule | null {
  if (!isRecord(value)) return null;
  const join: Join = Array.isArray(value.any) ? "any" : "all";
  const rows: Row[] = [];
  for (const item of Array.isArray(value[join]) ? (value[join] as Json[]) : []) {
    if (!isRecord(item) || Array.isArray(item.all) || Array.isArray(item.any)) return null;
    if ("event" in item)
      rows.push({
        event: String(item.event ?? ""),
        op: item.op === "did_not" ? "did_not" : "did",
        times: typeof item.times === "number" ? item.times : 1,
        within: String(item.within ?? "30d"),
      });
    else {
      const op = OPS.find((each) => each === item.op) ?? "eq";
      rows.push({ field: String(item.field ?? ""), op, ...(item.value === undefined ? {} : { value: item.value }) });
    }
  }
  return { join, rows };
}

export function writeRule({ join, rows }: Rule): Record<string, Json> {
  return { [join]: rows.map((row) => ({ ...row })) as unknown as Json };
}

/** Whether every row says something, so that the server can be asked. */
export function finished({ rows }: Rule): boolean {
  return (
    rows.length > 0 &&
    rows.every((row) =>
      isDid(row)
        ? row.event.trim() !== "" && Number.isInteger(row.times) && row.times >= 1 && row.times <= 100
        : row.field !== "" && (UNARY.has(row.op) || (row.value !== undefined && row.value !== "")),
    )
  );
}

/** A typed name as the path of a trait. */
export function traitPath(text: string): string {
  if (text.startsWith("customer.")) return text;
  const plain = text
    .trim()
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return plain ? `customer.traits.${plain}` : "";
}

export const traitName = (path: string): string => path.replace(/^customer\.traits\./, "");

/** A number or a truth value is meant as one; text in quotes stays text. */
export function typed(text: string): Json {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  return text.replace(/^"(.*)"$/, "$1");
}
