/** A CEL or Liquid field; Liquid shows what the newest customer would get. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useState } from "react";
import { preview } from "../data";
import { useWhere } from "./context";
import type { FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { CodeEditor } from "./lazy";
import { asText } from "./schema";

function Preview({ source, escaping }: { source: string; escaping: string }) {
  const { flow } = useWhere();
  const [settled] = useDebouncedValue(source, 400);
  const { data, error } = useQuery({
    queryKey: ["template-preview", flow, settled, escaping],
    queryFn: () => preview(settled, flow, escaping),
    retry: false,
    gcTime: 0,
    placeholderData: (before) => before,
  });
  return (
    <div className="preview">
      <p className="t3 s12">{data?.customer ? `As ${data.customer} would get it` : "As it would read now"}</p>
      {error ? <p className="wrong">{error.message}</p> : <p className="preview-text">{data?.text}</p>}
    </div>
  );
}

export function CodeField({ field, value, issue, disabled, onChange }: FieldProps) {
  const kind = field.widget === "cel" ? "cel" : "liquid";
  const text = asText(value ?? field.schema.default ?? undefined);
  const [open, setOpen] = useState(false);
  const canShow = kind === "liquid" && text.includes("{");
  const tall = field.widget === "liquid-html" || /body|text|html|message/.test(field.name);
  return (
    <Labelled
      field={field}
      issue={issue}
      group
      beside={
        canShow ? (
          <button type="button" className="link s12" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide preview" : "Preview"}
          </button>
        ) : null
      }
    >
      {() => (
        <>
          <Suspense fallback={<div className={`code-editor${tall ? " tall" : ""}`} />}>
            <CodeEditor
              kind={kind}
              html={field.widget === "liquid-html"}
              tall={tall}
              value={text}
              label={field.label}
              disabled={disabled}
              placeholder={
                field.schema["x-placeholder"] ?? (field.schema.examples?.length ? String(field.schema.examples[0]) : "")
              }
              onChange={(next) => onChange(next)}
            />
          </Suspense>
          {open && canShow ? (
            <Preview source={text} escaping={field.widget === "liquid-html" ? "html" : "none"} />
          ) : null}
        </>
      )}
    </Labelled>
  );
}
