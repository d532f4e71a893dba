/** What every field is given, and what every plain input takes from it. */

import type { Issue } from "@/graph/check";
import type { Json } from "@/graph/document";
import type { Ids } from "./Labelled";
import type { Field } from "./schema";

export interface FieldProps {
  field: Field;
  value: Json | undefined;
  issue?: Issue | undefined;
  disabled: boolean;
  onChange: (value: Json | undefined) => void;
}

export function placeholderOf({ schema }: Field): string | undefined {
  return schema["x-placeholder"] ?? (schema.examples?.length ? String(schema.examples[0]) : undefined);
}

/** What every plain input takes; its label, help and error stand around it (`Labelled`). */
export function common({ field, issue, disabled }: FieldProps, ids: Ids) {
  return {
    id: ids.input,
    "aria-required": field.required || undefined,
    disabled,
    error: Boolean(issue),
    placeholder: placeholderOf(field),
  };
}
