/** What every field is given, and what every plain input takes from it. */

import type { Issue } from "@/graph/check";
import type { Json } from "@/graph/document";
import type { Field } from "./schema";

export interface FieldProps {
  field: Field;
  value: Json | undefined;
  issue?: Issue | undefined;
  disabled: boolean;
  onChange: (value: Json | undefined) => void;
}

/** What every plain input takes. */
export function common({ field, issue, disabled }: FieldProps) {
  return {
    label: field.label,
    description: field.help || undefined,
    required: field.required,
    withAsterisk: false,
    disabled,
    error: issue ? `${issue.message} ${issue.fix}`.trim() : undefined,
    placeholder:
      field.schema["x-placeholder"] ?? (field.schema.examples?.length ? String(field.schema.examples[0]) : undefined),
    inputWrapperOrder: ["label", "input", "description", "error"] as ("label" | "input" | "description" | "error")[],
  };
}
