/** The one ink action: publish what is drawn. Errors open the list; success says what happens now. */

import { Popover } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import type { FlowDetail } from "@/api/models";
import { countIssues } from "@/graph/check";
import { StateGlyph } from "@/ui/glyphs";
import { type Published, publish, readIssues } from "./data";
import { useUnchanged } from "./Saved";
import type { Saver } from "./saver";
import { useEditorStore } from "./store";
import { useIssues } from "./useIssues";

type Outcome = { readonly done: Published } | { readonly failed: string; readonly issues: boolean };

interface Props {
  flow: FlowDetail;
  saver: Saver;
  onLive: (() => void) | null;
}

export function Publish({ flow, saver, onLive }: Props) {
  const editor = useEditorStore();
  const client = useQueryClient();
  const { errors } = countIssues(useIssues());
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const next = (flow.published_version ?? 0) + 1;
  const nothing = useUnchanged(flow, saver);

  const showIssues = () => {
    editor.select([]);
    editor.setState({ tab: "issues" });
  };
  const go = async () => {
    setBusy(true);
    setOutcome(null);
    try {
      await saver.flush();
      const { save } = editor.getState();
      if (save.kind !== "saved") {
        setOutcome({
          failed:
            save.kind === "conflict"
              ? "Choose first whose changes to keep."
              : "The draft could not be saved, so nothing was published.",
          issues: false,
        });
        return;
      }
      const done = await publish(flow.id, saver.revision);
      await client.invalidateQueries({ queryKey: ["flows"] });
      setOutcome({ done });
    } catch (reason) {
      const issues = reason instanceof ApiError ? readIssues(reason.problem.issues) : [];
      if (issues.length) {
        editor.setState({ serverIssues: issues });
        showIssues();
      }
      const message = reason instanceof Error ? reason.message : String(reason);
      setOutcome({ failed: message, issues: issues.length > 0 });
    } finally {
      setBusy(false);
    }
  };

  const done = outcome && "done" in outcome ? outcome.done : null;
  return (
    <Popover
      opened={outcome !== null}
      onChange={() => setOutcome(null)}
      onDismiss={() => setOutcome(null)}
      position="bottom-end"
      width={320}
      withinPortal
    >
      <Popover.Target>
        <button
          type="button"
          className="btn btn-ink"
          disabled={busy || nothing}
          onClick={() => void go()}
          data-testid="publish"
          title={
            nothing
              ? `Nothing changed since v${flow.published_version}`
              : errors
                ? `${errors} ${errors === 1 ? "error stands" : "errors stand"} in the way`
                : undefined
          }
        >
          {busy ? "Publishing…" : nothing ? "Published" : `Publish v${next}`}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        {done ? (
          <div className="published" role="status" data-testid="published">
            <p className="strong row">
              <StateGlyph state="succeeded" /> v{done.number} is live
            </p>
            <p className="t2">{done.sentence}</p>
            {onLive ? (
              <button
                type="button"
                className="btn btn-line"
                data-testid="watch-live"
                onClick={() => {
                  setOutcome(null);
                  onLive();
                }}
              >
                Watch it live
              </button>
            ) : null}
          </div>
        ) : null}
        {outcome && "failed" in outcome ? (
          <div className="published" role="alert" data-testid="publish-failed">
            <p className="strong row">
              <StateGlyph state="failed" /> Not published
            </p>
            <p className="t2">{outcome.failed}</p>
            {outcome.issues ? <p className="t2">The list at the right leads to each of them.</p> : null}
          </div>
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}
