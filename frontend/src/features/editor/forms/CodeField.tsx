/** A CEL or Liquid field; Liquid shows what a customer would get. An e-mail's body opens the e-mail editor. */

import { useDebouncedValue } from "@mantine/hooks";
import { IconLayoutSidebarRightExpand } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { preview } from "../data";
import { AsCustomer } from "./AsCustomer";
import { useWhere } from "./context";
import { type FieldProps, placeholderOf } from "./field";
import { Labelled } from "./Labelled";
import { CodeEditor } from "./lazy";
import { usePreviewAs } from "./previewAs";
import { asText } from "./schema";

const EmailEditor = lazy(() => import("../email/EmailEditor"));

function Preview({ source, escaping }: { source: string; escaping: string }) {
  const { flow } = useWhere();
  const { id } = usePreviewAs();
  const [settled] = useDebouncedValue(source, 400);
  const { data, error } = useQuery({
    queryKey: ["template-preview", flow, id, settled, escaping],
    queryFn: () => preview(settled, flow, escaping, id),
    retry: false,
    gcTime: 0,
    placeholderData: (before) => before,
  });
  return (
    <div className="preview">
      <AsCustomer newest={id ? "" : (data?.customer ?? "")} />
      {error ? <p className="wrong">{error.message}</p> : <p className="preview-text">{data?.text}</p>}
    </div>
  );
}

export function CodeField({ field, value, issue, disabled, onChange }: FieldProps) {
  const { node, whole } = useWhere();
  const kind = field.widget === "cel" ? "cel" : "liquid";
  const text = asText(value ?? field.schema.default ?? undefined);
  const [open, setOpen] = useState(false);
  const letter = whole && field.widget === "liquid-html" && node.type === "email.send";
  const canShow = kind === "liquid" && !letter && text.includes("{");
  const tall = field.widget === "liquid-html" || /body|text|html|message/.test(field.name);
  return (
    <Labelled
      field={field}
      issue={issue}
      group
      beside={
        letter ? (
          <button type="button" className="btn btn-line btn-sm" onClick={() => setOpen(true)} data-testid="edit-email">
            <IconLayoutSidebarRightExpand className="i i12" aria-hidden="true" /> {disabled ? "See" : "Edit"} e-mail
          </button>
        ) : canShow ? (
          <button type="button" className="link s12" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide preview" : "Preview"}
          </button>
        ) : null
      }
    >
      {() => (
        <>
          {letter && node.config.format === "blocks" ? null : (
            <Suspense fallback={<div className={`code-editor${tall ? " tall" : ""}`} />}>
              <CodeEditor
                kind={kind}
                html={field.widget === "liquid-html" && node.config.format === "html"}
                tall={tall}
                value={text}
                label={field.label}
                disabled={disabled}
                placeholder={placeholderOf(field) ?? ""}
                onChange={(next) => onChange(next)}
              />
            </Suspense>
          )}
          {open && letter ? (
            <Suspense fallback={null}>
              <EmailEditor onClose={() => setOpen(false)} />
            </Suspense>
          ) : null}
          {open && canShow ? <Preview source={text} escaping="none" /> : null}
        </>
      )}
    </Labelled>
  );
}
