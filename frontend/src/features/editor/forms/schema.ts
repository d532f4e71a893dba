/** Reading a node type's JSON Schema: which fields a form has, and which widget each needs. */

import type { Schema } from "@/graph/catalogue";
import { type Config, isRecord, type Json, same } from "@/graph/document";

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly widget: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly group: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly json: Json }[];
}

/** Follows `$ref`, and takes the part of an optional type that is not null; outer words win over inner ones. */
export function resolve(schema: Schema, root: Schema): Schema {
  let at: Schema = schema;
  for (let depth = 0; depth < 8; depth++) {
    const inner = at.$ref
      ? root.$defs?.[at.$ref.split("/").at(-1) ?? ""]
      : at.allOf?.length === 1
        ? at.allOf[0]
        : (at.anyOf ?? at.oneOf)?.find((part) => part.type !== "null");
    if (!inner) return at;
    const { $ref: _ref, allOf: _all, anyOf: _any, oneOf: _one, ...outer } = at;
    at = { ...inner, ...outer };
  }
  return at;
}

function typeOf(schema: Schema): string {
  const { type } = schema;
  return typeof type === "string" ? type : (type?.find((each) => each !== "null") ?? "string");
}

function widgetOf(schema: Schema): string {
  if (schema["x-widget"]) return schema["x-widget"];
  if (schema.enum?.length || schema["x-options"]?.length) return "select";
  switch (typeOf(schema)) {
    case "boolean":
      return "switch";
    case "integer":
    case "number":
      return "number";
    case "object":
      return schema.properties ? "object" : "key-value";
    case "array":
      return "json";
    default:
      return "text";
  }
}

function words(name: string): string {
  const text = name.replace(/_s$/, " in seconds").replace(/[_-]+/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function optionsOf(schema: Schema): Field["options"] {
  if (schema["x-options"])
    return schema["x-options"].map(({ value, label }) => ({ value: String(value), label, json: value }));
  return (schema.enum ?? []).map((value) => ({ value: String(value), label: words(String(value)), json: value }));
}

/** The fields of a form in the schema's order. Constants and hidden fields are no fields. */
export function fieldsOf(schema: Schema, root: Schema = schema): Field[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, raw]) => {
    const field = resolve(raw, root);
    const widget = widgetOf(field);
    if (widget === "hidden" || field.const !== undefined) return [];
    const title = field.title && !/_/.test(field.title) ? field.title : words(name);
    return [
      {
        name,
        label: title.replace(/ S$/, " in seconds"),
        help: field.description ?? "",
        widget,
        required: required.has(name),
        schema: field,
        group: field["x-group"] ?? "",
        options: optionsOf(field),
      },
    ];
  });
}

/** Whether a field applies now: `x-when` names other fields and the value (or values) they must have. */
export function applies(field: Field, config: Config, all: readonly Field[]): boolean {
  return Object.entries(field.schema["x-when"] ?? {}).every(([name, wanted]) => {
    const value = config[name] ?? all.find((each) => each.name === name)?.schema.default ?? null;
    return Array.isArray(wanted) ? wanted.some((each) => same(each, value)) : same(wanted, value);
  });
}

/** The config with one field set; an emptied optional field leaves the document, so that diffs stay small. */
export function withField(config: Config, field: Field, value: Json | undefined): Config {
  const { [field.name]: _, ...rest } = config;
  const empty = value === undefined || value === null || (value === "" && !field.required);
  return empty ? rest : { ...rest, [field.name]: value };
}

export function asText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string"
    ? value
    : isRecord(value) || Array.isArray(value)
      ? JSON.stringify(value, null, 2)
      : String(value);
}
