/** The chosen card: its name, its form, and what can be done with it. */

import { Menu } from "@mantine/core";
import { IconCopy, IconDots, IconTrash } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { FlowDetail } from "@/api/models";
import { NodeIcon } from "@/canvas/icons";
import type { NodeType } from "@/graph/catalogue";
import type { Config, GraphNode } from "@/graph/document";
import { configure, rename } from "@/graph/operations";
import { Panel } from "@/ui/Panel";
import { current, duplicateChosen, removeChosen } from "../actions";
import { Keys } from "../ContextMenu";
import { command, nameOf, type Tools, usable } from "../commands";
import { Form } from "../forms/Form";
import { useEditor, useEditorStore } from "../store";
import { useIssuesByNode } from "../useIssues";
import { HookAddress } from "./HookAddress";
import { IssueCall, MendButton } from "./IssueList";
import { TestStep } from "./TestStep";

function Name({ node, fallback, editable }: { node: GraphNode; fallback: string; editable: boolean }) {
  const editor = useEditorStore();
  const [draft, setDraft] = useState(node.name);
  useEffect(() => setDraft(node.name), [node.name]);
  if (!editable) return node.name || fallback;
  return (
    <input
      className="node-name"
      aria-label="Name of the step"
      data-testid="node-name"
      value={draft}
      placeholder={fallback}
      maxLength={120}
      onChange={(event) => {
        setDraft(event.currentTarget.value);
        editor.act(rename(current(editor), node.id, event.currentTarget.value));
      }}
      onBlur={editor.rest}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}

interface Props {
  node: GraphNode;
  flow: FlowDetail;
  onShow: (id: string) => void;
  tools: Tools;
}

/** Whether the step asks somebody outside. */
const calls = (type: NodeType) => !type.trigger && (type.effect !== "internal" || type.vendor !== null);

const MORE = ["replace", "off", "lead", "branch", "move-branch", "copy-branch", "extract", "inline"] as const;

export function NodePanel({ node, flow, onShow, tools }: Props) {
  const editor = useEditorStore();
  const type = useEditor((state) => state.catalogue.get(node.type));
  const catalogue = useEditor((state) => state.catalogue);
  const editable = useEditor((state) => state.editable);
  const focus = useEditor((state) => state.focusField);
  const issues = useIssuesByNode().get(node.id) ?? [];
  const general = issues.filter((issue) => !issue.field);
  const change = (config: Config, field: string) =>
    editor.act(configure(current(editor), catalogue, node.id, config, field));
  const kind = type?.kind ?? "exit";
  return (
    <Panel
      label={node.name || type?.name || node.type}
      mark={
        <span className={`tile k-${kind}`}>
          <NodeIcon name={type?.icon ?? ""} />
        </span>
      }
      title={<Name node={node} fallback={type?.name ?? node.type} editable={editable} />}
      sub={type ? <span title={type.help}>{`${type.name}: ${type.help}`}</span> : `Nothing here is called ${node.type}`}
      beside={
        editable ? (
          <Menu width={264}>
            <Menu.Target>
              <button type="button" className="icon-btn" aria-label="More">
                <IconDots className="i" />
              </button>
            </Menu.Target>
            <Menu.Dropdown>
              {MORE.filter((id) => usable(command(id), tools)).map((id) => (
                <Menu.Item
                  key={id}
                  rightSection={<Keys keys={command(id).keys?.[0] ?? ""} />}
                  onClick={() => requestAnimationFrame(() => command(id).run(tools))}
                >
                  {nameOf(command(id), tools)}
                </Menu.Item>
              ))}
              <Menu.Divider />
              <Menu.Label>Called steps.{node.id} in expressions</Menu.Label>
              <Menu.Item
                leftSection={<IconCopy className="i" />}
                onClick={() => void navigator.clipboard?.writeText(`steps.${node.id}.output`)}
              >
                Copy the name of its output
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : null
      }
      onClose={() => editor.select([])}
      footer={
        editable ? (
          <>
            <span className="push" />
            <button
              type="button"
              className="btn btn-quiet btn-sm"
              onClick={() => duplicateChosen(editor)}
              data-testid="duplicate"
            >
              <IconCopy className="i i14" /> Duplicate
            </button>
            <button
              type="button"
              className="btn btn-quiet btn-sm"
              onClick={() => removeChosen(editor)}
              data-testid="delete"
            >
              <IconTrash className="i i14" /> Delete
            </button>
          </>
        ) : null
      }
    >
      {general.map((issue) => (
        <div key={`${issue.code}${issue.message}`}>
          <IssueCall issue={issue} />
          <MendButton issue={issue} />
        </div>
      ))}
      {node.type === "trigger.webhook" ? <HookAddress flow={flow} node={node.id} /> : null}
      {type ? (
        <Form
          schema={type.schema}
          type={type}
          node={node}
          issues={issues}
          disabled={!editable}
          focus={focus}
          onChange={change}
          onRest={editor.rest}
          onShow={onShow}
          flow={flow.id}
        />
      ) : (
        <p className="t2">Its settings are kept as they are. Install its connector, or delete the card.</p>
      )}
      {type && editable && calls(type) ? <TestStep key={node.id} flow={flow.id} node={node} type={type} /> : null}
    </Panel>
  );
}
