/** The chosen group: its name, its steps, and what can be done with it. */

import { IconStack2 } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { countIssues } from "@/graph/check";
import type { GraphGroup } from "@/graph/document";
import { renameGroup, setCollapsed, ungroup } from "@/graph/groups";
import { Panel } from "@/ui/Panel";
import { current } from "../actions";
import { graphOf, useEditor, useEditorStore } from "../store";
import { useIssuesByNode } from "../useIssues";

export function GroupPanel({ group, onShow }: { group: GraphGroup; onShow: (id: string) => void }) {
  const editor = useEditorStore();
  const graph = useEditor(graphOf);
  const catalogue = useEditor((state) => state.catalogue);
  const editable = useEditor((state) => state.editable);
  const [draft, setDraft] = useState(group.name);
  useEffect(() => setDraft(group.name), [group.name]);
  const inside = new Set(group.nodes);
  const nodes = graph.nodes.filter(({ id }) => inside.has(id));
  const byNode = useIssuesByNode();
  const { errors } = countIssues(nodes.flatMap(({ id }) => byNode.get(id) ?? []));
  const title = editable ? (
    <input
      className="node-name"
      aria-label="Name of the group"
      value={draft}
      placeholder="Group"
      maxLength={120}
      onChange={(event) => {
        setDraft(event.currentTarget.value);
        editor.act(renameGroup(current(editor), group.id, event.currentTarget.value));
      }}
      onBlur={editor.rest}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
      }}
    />
  ) : (
    group.name || "Group"
  );
  return (
    <Panel
      label={group.name || "Group"}
      title={title}
      mark={
        <span className="tile k-exit">
          <IconStack2 className="i" aria-hidden="true" />
        </span>
      }
      sub={`${nodes.length} ${nodes.length === 1 ? "step" : "steps"}${errors ? `, ${errors} ${errors === 1 ? "error" : "errors"}` : ""}`}
      onClose={() => editor.select([])}
      footer={
        editable ? (
          <>
            <span className="push" />
            <button
              type="button"
              className="btn btn-quiet btn-sm"
              onClick={() => editor.act(ungroup(current(editor), [group.id]))}
              data-testid="ungroup"
            >
              Ungroup
            </button>
            <button
              type="button"
              className="btn btn-line btn-sm"
              onClick={() => editor.act(setCollapsed(current(editor), catalogue, group.id, !group.collapsed))}
            >
              {group.collapsed ? "Open" : "Collapse"}
            </button>
          </>
        ) : null
      }
    >
      <ul className="chosen">
        {nodes.map((node) => (
          <li key={node.id}>
            <button
              type="button"
              className="btn btn-quiet btn-sm"
              onClick={() => {
                if (group.collapsed && editable) editor.act(setCollapsed(current(editor), catalogue, group.id, false));
                editor.select([node.id]);
                requestAnimationFrame(() => requestAnimationFrame(() => onShow(node.id)));
              }}
            >
              {node.name || catalogue.get(node.type)?.name || node.type}
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
