/** The form of a node, made from its type's JSON Schema. */

import { useEffect, useRef } from "react";
import type { NodeType, Schema } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import type { Config, GraphNode, Json } from "@/graph/document";
import { FieldContext } from "./context";
import { FieldView } from "./FieldView";
import { applies, type Field, fieldsOf, withField } from "./schema";

interface Props {
  schema: Schema;
  type: NodeType;
  node: GraphNode;
  flow: string;
  issues: readonly Issue[];
  disabled: boolean;
  /** The field to go to, as a dotted path; "" for none. */
  focus: string;
  onChange: (config: Config, field: string) => void;
  /** A field was left: what follows is a new step of history. */
  onRest: () => void;
  onShow: (id: string) => void;
}

function issueOf(issues: readonly Issue[], field: Field): Issue | undefined {
  return issues.find((issue) => issue.field === field.name || issue.field.startsWith(`${field.name}.`));
}

export function Form({ schema, type, node, flow, issues, disabled, focus, onChange, onRest, onShow }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const fields = fieldsOf(schema);
  const shown = fields.filter((field) => applies(field, node.config, fields));
  const groups = [...new Set(shown.map((field) => field.group))];

  useEffect(() => {
    if (!focus) return;
    const name = focus.split(".")[0] ?? "";
    const field = frame.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
    field?.scrollIntoView?.({ block: "center" });
    field?.querySelector<HTMLElement>("input, textarea, select, [contenteditable=true], button")?.focus();
  }, [focus]);

  const set = (field: Field, value: Json | undefined) => onChange(withField(node.config, field, value), field.name);
  const rows = (group: string) =>
    shown
      .filter((field) => field.group === group)
      .map((field) => (
        <FieldView
          key={field.name}
          field={field}
          value={node.config[field.name]}
          issue={issueOf(issues, field)}
          disabled={disabled}
          onChange={(value) => set(field, value)}
        />
      ));
  return (
    <FieldContext value={{ flow, node, type, onShow, whole: { disabled, onChange, onRest } }}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only listens for the focus that leaves its fields */}
      <div className="form" ref={frame} onBlur={onRest} data-testid="node-form">
        {groups.filter((group) => !group).map((group) => rows(group))}
        {groups.filter(Boolean).map((group) => (
          <details
            key={group}
            className="form-group"
            open={focus ? shown.some((field) => field.group === group && focus.startsWith(field.name)) : undefined}
          >
            <summary className="h">{group}</summary>
            <div className="form">{rows(group)}</div>
          </details>
        ))}
        {fields.length === 0 ? <p className="t2">There is nothing to set here.</p> : null}
      </div>
    </FieldContext>
  );
}
