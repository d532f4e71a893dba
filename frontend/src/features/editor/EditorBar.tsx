/** The bar: which flow, its state, whether it is saved; the modes; undo, issues, export and the one ink action. */

import { Tooltip } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import { useContext, useEffect } from "react";
import { Link } from "react-router";
import type { FlowDetail } from "@/api/models";
import type { Mode } from "@/canvas/overlay";
import { countIssues } from "@/graph/check";
import { Chip } from "@/ui/Chip";
import { type State, StateGlyph } from "@/ui/glyphs";
import { TopbarFrame } from "@/ui/Topbar";
import { count } from "@/ui/time";
import { FlowMenu } from "./FlowMenu";
import { FlowName } from "./FlowName";
import { HistoryButton } from "./HistoryButton";
import { People } from "./People";
import { Publish } from "./Publish";
import { Saved } from "./Saved";
import type { Saver } from "./saver";
import { useEditor, useEditorStore } from "./store";
import { useIssues } from "./useIssues";

const STATES: Readonly<Record<FlowDetail["state"], readonly [State, string]>> = {
  draft: ["draft", "Draft"],
  live: ["running", "Live"],
  closed: ["waiting", "Entry closed"],
  paused: ["held", "Paused"],
  draining: ["waiting", "Draining"],
  stopped: ["draft", "Stopped"],
  archived: ["draft", "Archived"],
};

function StateChip({ flow }: { flow: FlowDetail }) {
  const [state, word] = STATES[flow.state];
  const version = flow.published_version ? ` v${flow.published_version}` : "";
  return (
    <Chip state={state}>
      {word}
      {flow.state === "draft" ? "" : version}
    </Chip>
  );
}

/** What customers inside are going through just now. */
function Progress({ flow }: { flow: FlowDetail }) {
  if (!flow.batch?.total || flow.batch.done >= flow.batch.total) return null;
  const { kind, done, total } = flow.batch;
  return (
    <span className="saved" role="status" data-testid="batch">
      <StateGlyph state="running" />
      <span className="saved-words">
        {kind === "move" ? "Moving customers" : "Settling overdue"}: {count(done)} of {count(total)}
      </span>
    </span>
  );
}

const MODES: Readonly<Record<Mode, string>> = {
  build: "Build",
  simulate: "Simulate",
  live: "Live",
  history: "History",
};

function Modes({ mode, modes, onMode }: Pick<Props, "mode" | "modes" | "onMode">) {
  return (
    <div className="seg" role="tablist" aria-label="Mode">
      {modes.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          aria-selected={mode === each}
          onClick={() => onMode(each)}
          data-testid={`mode-${each}`}
        >
          {MODES[each]}
        </button>
      ))}
    </div>
  );
}

function UndoRedo() {
  const editor = useEditorStore();
  const back = useEditor((state) => state.history.past.at(-1)?.label);
  const forth = useEditor((state) => state.history.future.at(-1)?.label);
  return (
    <>
      <Tooltip label={back ? `Undo: ${back}` : "Nothing to undo"}>
        <button
          type="button"
          className="icon-btn"
          aria-label={back ? `Undo: ${back}` : "Undo"}
          disabled={!back}
          onClick={editor.undo}
          data-testid="undo"
        >
          <IconArrowBackUp className="i" />
        </button>
      </Tooltip>
      <Tooltip label={forth ? `Redo: ${forth}` : "Nothing to redo"}>
        <button
          type="button"
          className="icon-btn"
          aria-label={forth ? `Redo: ${forth}` : "Redo"}
          disabled={!forth}
          onClick={editor.redo}
          data-testid="redo"
        >
          <IconArrowForwardUp className="i" />
        </button>
      </Tooltip>
    </>
  );
}

function IssuesButton() {
  const editor = useEditorStore();
  const { errors, warnings } = countIssues(useIssues());
  const total = errors + warnings;
  if (!total) return null;
  const Shape = errors ? IconAlertCircle : IconAlertTriangle;
  return (
    <button
      type="button"
      className={`btn btn-quiet btn-sm ${errors ? "is-failed" : "is-waiting"}`}
      data-testid="issues-button"
      onClick={() => {
        editor.select([]);
        editor.setState({ tab: "issues" });
      }}
    >
      <Shape className="i i14" aria-hidden="true" />
      {total} {total === 1 ? "issue" : "issues"}
    </button>
  );
}

interface Props {
  flow: FlowDetail;
  saver: Saver;
  mode: Mode;
  modes: readonly Mode[];
  onMode: (mode: Mode) => void;
}

export function EditorBar({ flow, saver, mode, modes, onMode }: Props) {
  const editor = useEditorStore();
  const settings = () => {
    if (mode !== "build") onMode("build");
    editor.select([]);
    editor.setState({ tab: "settings" });
  };
  const { menu } = useContext(TopbarFrame);
  const editable = useEditor((state) => state.editable);
  useEffect(() => {
    document.title = `${flow.name} · flowstudio`;
  }, [flow.name]);
  return (
    <header className="topbar editor-bar">
      <div>
        <Link className="crumb" to="/">
          Flows
        </Link>
        <span className="crumb">/</span>
        <FlowName flow={flow} editable={editable} />
        <FlowMenu flow={flow} editable={editable} onSettings={settings} onLeave={() => saver.flush()} />
        <StateChip flow={flow} />
        <span className="sep" />
        <Saved flow={flow} saver={saver} />
        <Progress flow={flow} />
      </div>
      <div>{modes.length > 1 ? <Modes mode={mode} modes={modes} onMode={onMode} /> : null}</div>
      <div className="topbar-right">
        <People />
        {mode === "build" ? (
          <>
            {editable ? (
              <>
                <UndoRedo />
                <HistoryButton />
              </>
            ) : null}
            <IssuesButton />
          </>
        ) : null}
        {editable ? (
          <Publish flow={flow} saver={saver} onLive={modes.includes("live") ? () => onMode("live") : null} />
        ) : (
          <span className="chip">View only</span>
        )}
        {menu}
      </div>
    </header>
  );
}
