/** Nothing is chosen: the flow in words, its settings, and what is wrong with it. */

import type { FlowDetail } from "@/api/models";
import { countIssues } from "@/graph/check";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { type FlowTab, graphOf, useEditor, useEditorStore } from "../store";
import { useIssues } from "../useIssues";
import { IssueList } from "./IssueList";
import { Settings } from "./Settings";
import { Tabs } from "./Tabs";
import { Words } from "./Words";

interface Props {
  flow: FlowDetail;
  narrow: boolean;
  onShow: (id: string) => void;
}

export function FlowPanel({ flow, narrow, onShow }: Props) {
  const editor = useEditorStore();
  const tab = useEditor((state) => state.tab);
  const count = useEditor((state) => graphOf(state).nodes.length);
  const issues = useIssues();
  const { errors, warnings } = countIssues(issues);
  const close = narrow ? { onClose: () => editor.setState({ tab: "words" }) } : {};
  return (
    <Panel
      label={flow.name}
      title={flow.name}
      sub={
        <>
          {count} {count === 1 ? "node" : "nodes"} · draft of v{(flow.published_version ?? 0) + 1} · changed{" "}
          <TimeAgo at={flow.changed_at} />
        </>
      }
      tabs={
        <Tabs<FlowTab>
          label="About the flow"
          value={tab}
          tabs={[
            ["words", "In words"],
            ["settings", "Settings"],
            ["issues", errors + warnings ? `Issues ${errors + warnings}` : "Issues"],
          ]}
          onChange={(next) => editor.setState({ tab: next })}
        />
      }
      footer={flow.volume.inside ? <span>{flow.volume.inside.toLocaleString("en")} inside</span> : null}
      {...close}
    >
      {tab === "words" ? <Words onShow={onShow} /> : null}
      {tab === "settings" ? <Settings onShow={onShow} /> : null}
      {tab === "issues" ? <IssueList issues={issues} onShow={onShow} /> : null}
    </Panel>
  );
}
