/** A flow's settings: who may enter, what ends a run early, what counts as success, and when to be quiet. */

import { useEffect, useMemo, useRef } from "react";
import type { NodeType } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import type { GraphNode, Json } from "@/graph/document";
import { setSettings } from "@/graph/operations";
import { current } from "../actions";
import { useSettingsSchema } from "../data";
import { FieldContext } from "../forms/context";
import { FieldView } from "../forms/FieldView";
import type { FieldProps } from "../forms/field";
import { applies, type Field, fieldsOf, withField } from "../forms/schema";
import { graphOf, useEditor, useEditorStore } from "../store";
import { useIssues } from "../useIssues";
import { EntryRate } from "./settings/EntryRate";
import { Percent } from "./settings/Percent";
import { Quiet } from "./settings/Quiet";
import { Rules } from "./settings/Rules";
import "./settings/settings.css";

const NOBODY: GraphNode = { id: "", type: "", name: "", config: {} };
const PREFIX = "settings.";

function issueOf(issues: readonly Issue[], field: Field): Issue | undefined {
  return issues.find((issue) => issue.field === field.name || issue.field.startsWith(`${field.name}.`));
}

/** The widgets that only settings have; everything else is drawn as in a node's form. */
function Setting(props: FieldProps & { issues: readonly Issue[] }) {
  switch (props.field.widget) {
    case "exits":
    case "goals":
      return <Rules {...props} />;
    case "quiet-hours":
      return <Quiet {...props} />;
    case "entry-rate":
      return <EntryRate {...props} />;
    case "percent":
      return <Percent {...props} />;
    default:
      return <FieldView {...props} />;
  }
}

export function Settings({ onShow }: { onShow: (id: string) => void }) {
  const editor = useEditorStore();
  const graph = useEditor(graphOf);
  const editable = useEditor((state) => state.editable);
  const catalogue = useEditor((state) => state.catalogue);
  const focus = useEditor((state) => state.focusField);
  const flow = useEditor((state) => state.flow);
  const { data: schema, error } = useSettingsSchema();
  const frame = useRef<HTMLDivElement>(null);
  const every = useIssues();
  const issues = useMemo(
    () =>
      every
        .filter((issue) => issue.field.startsWith(PREFIX))
        .map((issue) => ({ ...issue, field: issue.field.slice(PREFIX.length) })),
    [every],
  );
  const trigger = graph.nodes.find((node) => catalogue.get(node.type)?.trigger) ?? NOBODY;
  const type = catalogue.get(trigger.type) ?? ({ type: "", schema: {} } as NodeType);

  useEffect(() => {
    if (!focus.startsWith(PREFIX) || !schema) return;
    const name = focus.slice(PREFIX.length).split(".")[0] ?? "";
    const field = frame.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
    field?.scrollIntoView?.({ block: "center" });
    field?.querySelector<HTMLElement>("input, textarea, select, [contenteditable=true], button")?.focus();
  }, [focus, schema]);

  if (error) return <p className="wrong">{error.message}</p>;
  if (!schema) return <div className="skeleton-form" role="status" aria-label="The settings are on their way" />;
  const fields = fieldsOf(schema).filter((field) => applies(field, graph.settings, []));
  const groups = [...new Set(fields.map((field) => field.group))];
  const set = (field: Field, value: Json | undefined) => {
    editor.act(setSettings(current(editor), withField(current(editor).settings, field, value)));
  };
  return (
    <FieldContext value={{ flow, node: trigger, type, onShow }}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only listens for the focus that leaves its fields */}
      <div className="settings" ref={frame} onBlur={editor.rest} data-testid="flow-settings">
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3 className="h">{group}</h3>
            <div className="form">
              {fields
                .filter((field) => field.group === group)
                .map((field) => (
                  <div key={field.name} data-field={field.name} data-testid={`setting-${field.name}`}>
                    <Setting
                      field={{ ...field, schema: { ...field.schema, $defs: schema.$defs ?? {} } }}
                      value={graph.settings[field.name]}
                      issue={issueOf(issues, field)}
                      issues={issues}
                      disabled={!editable}
                      onChange={(value) => set(field, value)}
                    />
                  </div>
                ))}
            </div>
          </section>
        ))}
      </div>
    </FieldContext>
  );
}
