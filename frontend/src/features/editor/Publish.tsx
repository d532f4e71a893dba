/** The one ink action: publish what is drawn. With a version in force it asks first; errors open the list. */

import { Popover } from "@mantine/core";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import { get } from "@/api/http";
import type { FlowDetail, PublishPlan } from "@/api/models";
import { countIssues } from "@/graph/check";
import { StateGlyph } from "@/ui/glyphs";
import { type Published, publish, readIssues } from "./data";
import { PublishDialog, type SegmentEntry } from "./publish/PublishDialog";
import type { InFlight } from "./publish/plan";
import { useUnchanged } from "./Saved";
import type { Saver } from "./saver";
import { useEditor, useEditorStore } from "./store";
import { useIssues } from "./useIssues";

type Outcome = { readonly done: Published } | { readonly failed: string; readonly issues: boolean };

interface Props {
  flow: FlowDetail;
  saver: Saver;
  onLive: (() => void) | null;
}

/** How often the counts of an open dialog are read again. */
const FRESH_MS = 4_000;

const planQuery = (flow: string, revision: number | null) =>
  queryOptions({
    queryKey: ["publish-plan", flow, revision],
    queryFn: ({ signal }) => get<PublishPlan>(`flows/${flow}/publish-plan/`, { revision }, signal),
    retry: false,
  });

export function Publish({ flow, saver, onLive }: Props) {
  const editor = useEditorStore();
  const catalogue = useEditor((state) => state.catalogue);
  const client = useQueryClient();
  const { errors } = countIssues(useIssues());
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [asking, setAsking] = useState<number | null>(null);
  const [wrong, setWrong] = useState("");
  const [news, setNews] = useState("");
  const plan = useQuery({ ...planQuery(flow.id, asking), enabled: asking !== null, refetchInterval: FRESH_MS });
  const next = (flow.published_version ?? 0) + 1;
  const nothing = useUnchanged(flow, saver);

  const showIssues = () => {
    editor.select([]);
    editor.setState({ tab: "issues" });
  };
  const close = () => {
    setAsking(null);
    setWrong("");
    setNews("");
  };
  /** Opens the dialog once its first counts are here. */
  const ask = async (revision: number) => {
    await client.fetchQuery({ ...planQuery(flow.id, revision), staleTime: 0 });
    setAsking(revision);
  };
  /** Saves what is drawn; gives the revision, or says why there is none. */
  const saved = async (): Promise<number | null> => {
    await saver.flush();
    const { save } = editor.getState();
    if (save.kind === "saved") return saver.revision;
    close();
    setOutcome({
      failed:
        save.kind === "conflict"
          ? "Choose first whose changes to keep."
          : "The draft could not be saved, so nothing was published.",
      issues: false,
    });
    return null;
  };
  const send = async (
    revision: number,
    more: { choices?: InFlight; note?: string; entry?: SegmentEntry | null } = {},
  ) => {
    const done = await publish(flow.id, revision, more);
    await client.invalidateQueries({ queryKey: ["flows"] });
    await client.invalidateQueries({ queryKey: ["versions", flow.id] });
    close();
    setOutcome({ done });
  };
  const fail = async (reason: unknown) => {
    const theirs = reason instanceof ApiError && reason.status === 409 ? saver.learn(reason) : "";
    if (theirs) {
      // Their changes are joined with these; what is asked then is asked about both.
      const revision = await saved();
      if (revision === null) return;
      setNews(`${theirs} saved this flow meanwhile. Both changes are joined: look at the list again.`);
      await ask(revision);
      return;
    }
    const issues = reason instanceof ApiError ? readIssues(reason.problem.issues) : [];
    const message = reason instanceof Error ? reason.message : String(reason);
    if (issues.length) {
      editor.setState({ serverIssues: issues });
      showIssues();
    } else if (asking !== null) {
      setWrong(message);
      return;
    }
    close();
    setOutcome({ failed: message, issues: issues.length > 0 });
  };
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setWrong("");
    try {
      await work();
    } catch (reason) {
      await fail(reason);
    } finally {
      setBusy(false);
    }
  };
  const press = () =>
    void attempt(async () => {
      setOutcome(null);
      const revision = await saved();
      if (revision === null) return;
      const first = flow.published_version === null;
      const bySegment = editor.getState().history.present.nodes.some(({ type }) => type === "trigger.segment");
      if ((first && !bySegment) || errors) await send(revision);
      else await ask(revision);
    });

  const done = outcome && "done" in outcome ? outcome.done : null;
  const word = busy && asking === null ? "Publishing…" : nothing ? "Published" : `Publish v${next}`;
  return (
    <>
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
            onClick={press}
            data-testid="publish"
            title={
              nothing
                ? `Nothing changed since v${flow.published_version}`
                : errors
                  ? `${errors} ${errors === 1 ? "error stands" : "errors stand"} in the way`
                  : undefined
            }
          >
            {word}
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
      {asking !== null && plan.data ? (
        <PublishDialog
          flow={flow}
          plan={plan.data}
          catalogue={catalogue}
          busy={busy}
          wrong={
            wrong ||
            (plan.error && !(plan.error instanceof ApiError && plan.error.status === 409) ? plan.error.message : "")
          }
          news={news}
          onShow={(node) => {
            close();
            editor.select([node]);
          }}
          onPublish={(choices, note, entry) => void attempt(() => send(plan.data.revision, { choices, note, entry }))}
          onClose={close}
        />
      ) : null}
    </>
  );
}
