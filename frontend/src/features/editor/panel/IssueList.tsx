/** Every issue as a sentence; pressing one leads to its card and field. */

import { IconAlertCircle, IconAlertTriangle, IconInfoCircle, IconWand } from "@tabler/icons-react";
import type { Issue } from "@/graph/check";
import { mendOf } from "@/graph/mend";
import { EmptyState } from "@/ui/EmptyState";
import { StateGlyph } from "@/ui/glyphs";
import { graphOf, useEditor, useEditorStore } from "../store";

const RANK = { error: 0, warning: 1, hint: 2 } as const;
const LOOKS = {
  error: [IconAlertCircle, "bad"],
  warning: [IconAlertTriangle, ""],
  hint: [IconInfoCircle, "calm"],
} as const;

export function IssueCall({ issue, onPress }: { issue: Issue; onPress?: (() => void) | undefined }) {
  const [Icon, tone] = LOOKS[issue.severity];
  const words = (
    <>
      <Icon className="i i14" aria-hidden="true" />
      <span>
        <span className="strong">{issue.message}</span> {issue.fix}
      </span>
    </>
  );
  return onPress ? (
    <button type="button" className={`call ${tone}`} onClick={onPress}>
      {words}
    </button>
  ) : (
    <p className={`call ${tone}`}>{words}</p>
  );
}

/** What one press can do about it, as one step of the history. */
export function MendButton({ issue }: { issue: Issue }) {
  const editor = useEditorStore();
  const graph = useEditor(graphOf);
  const catalogue = useEditor((state) => state.catalogue);
  const editable = useEditor((state) => state.editable);
  const mend = editable ? mendOf(issue, graph, catalogue) : null;
  if (!mend) return null;
  return (
    <button
      type="button"
      className="btn btn-line btn-sm mend"
      data-testid={`mend-${issue.code}`}
      onClick={() => {
        editor.act(mend.change);
        editor.rest();
      }}
    >
      <IconWand className="i i14" aria-hidden="true" />
      {mend.verb}
    </button>
  );
}

export function IssueList({ issues, onShow }: { issues: readonly Issue[]; onShow: (id: string) => void }) {
  const editor = useEditorStore();
  if (!issues.length) {
    return (
      <EmptyState icon={<StateGlyph state="succeeded" />} kind="goal" title="Nothing is wrong">
        Every step is connected and filled in.
      </EmptyState>
    );
  }
  const sorted = [...issues].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
  const go = (issue: Issue) => {
    const id = issue.node || issue.edge;
    if (!id) {
      editor.setState({ tab: "settings", focusField: issue.field });
      return;
    }
    editor.select([id]);
    editor.setState({ focusField: issue.field });
    onShow(id);
  };
  return (
    <ul className="stack" data-testid="issue-list">
      {sorted.map((issue) => (
        <li key={`${issue.code} ${issue.node} ${issue.edge} ${issue.field} ${issue.message}`}>
          <IssueCall issue={issue} onPress={issue.node || issue.edge || issue.field ? () => go(issue) : undefined} />
          <MendButton issue={issue} />
        </li>
      ))}
    </ul>
  );
}
