import { notifications } from "@mantine/notifications";
import { IconActivity, IconAlertTriangle, IconRefresh, IconSchema } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { ApiError } from "@/api/errors";
import type { RunDetail } from "@/api/models";
import { useNodeLooks } from "@/api/nodes";
import { called } from "@/api/people";
import { remedies, useBulk, useSettle } from "@/api/runs";
import { useMay } from "@/api/session";
import { useRun } from "@/live/useRun";
import { Confirm } from "@/ui/Confirm";
import { JsonView } from "@/ui/JsonView";
import { Panel } from "@/ui/Panel";
import { Review } from "@/ui/Review";
import { RunAbsent, RunFacts } from "@/ui/RunFacts";
import { Tabs } from "@/ui/Tabs";
import { plural } from "@/ui/time";
import { reachable } from "./BulkBar";
import { StepItem } from "./StepItem";

const tabs = [
  { value: "path", name: "Path" },
  { value: "event", name: "Event" },
  { value: "context", name: "Context" },
] as const;

/** One run at the side: its facts, its path while it happens, what its expressions see. */
export function RunPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { run, error } = useRun(id);
  const [tab, setTab] = useState<(typeof tabs)[number]["value"]>("path");
  if (error) {
    const gone = error instanceof ApiError && error.status === 404;
    return <RunAbsent gone={gone} wrong={error.message} onClose={onClose} />;
  }
  if (!run) return <RunAbsent gone={false} wrong="" onClose={onClose} />;
  return (
    <Panel
      label="Run"
      mark={
        <span className="tile k-logic">
          <IconActivity className="i" />
        </span>
      }
      title={
        <Link to={`/customers/${run.customer.id}`} title="The whole journey">
          {called(run.customer)}
        </Link>
      }
      sub={`${run.flow.name} v${run.version} · ${run.id}`}
      tabs={<Tabs label="Run" value={tab} choices={tabs} onChange={setTab} />}
      footer={<Actions run={run} />}
      onClose={onClose}
    >
      <RunFacts run={run} />
      {run.status === "failed" ? (
        <div className="call bad">
          <IconAlertTriangle className="i i14" />
          <span>{run.sentence}</span>
        </div>
      ) : null}
      <ReviewRun run={run} />
      {tab === "path" ? <Path run={run} /> : null}
      {tab === "event" ? (
        run.event ? (
          <JsonView value={run.event.payload} label="Event" open={3} />
        ) : (
          <p className="t2">The event is older than what is kept.</p>
        )
      ) : null}
      {tab === "context" ? <JsonView value={run.context} label="Context" open={2} /> : null}
    </Panel>
  );
}

/** Where its effect is in review, what a person may say about it. */
function ReviewRun({ run }: { run: RunDetail }) {
  const edits = useMay("editor");
  const settle = useSettle();
  return edits && remedies(run).review ? <Review act={(choice) => settle.run(run.id, choice)} /> : null;
}

function Path({ run }: { run: RunDetail }) {
  const looks = useNodeLooks([run]);
  return (
    <section>
      <div className="h path-head">
        Path<span className="t3">{plural(run.steps.length, "step")}</span>
      </div>
      <ol className="path">
        {run.steps.map((step) => (
          <StepItem key={step.id} step={step} look={looks(run, step.node)} />
        ))}
      </ol>
    </section>
  );
}

function Actions({ run }: { run: RunDetail }) {
  const edits = useMay("editor");
  const act = useBulk();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const can = reachable([{ ...run, steps: run.steps.length }]);
  const go = async (verb: "cancel" | "retry") => {
    setBusy(true);
    const bulk = await act(verb, [run.id], () => undefined);
    setBusy(false);
    const why = bulk.failed[0]?.why;
    notifications.show({
      message: why ?? (verb === "retry" ? "It tries the failed step again." : "The run is cancelled."),
    });
  };
  return (
    <>
      <Link className="btn btn-quiet btn-sm" to={`/flows/${run.flow.id}?mode=live&run=${run.id}`}>
        <IconSchema className="i i14" />
        On the canvas
      </Link>
      <span className="push" />
      {edits && can.cancel.length ? (
        <button type="button" className="btn btn-line btn-sm" disabled={busy} onClick={() => setAsking(true)}>
          Cancel run
        </button>
      ) : null}
      {edits && can.retry.length ? (
        <button
          type="button"
          className="btn btn-ink btn-sm"
          disabled={busy}
          title="Tries the failed step again, with the same idempotency key. Finished steps are not executed again."
          onClick={() => void go("retry")}
        >
          <IconRefresh className="i i14" />
          Retry
        </button>
      ) : null}
      {asking ? (
        <Confirm
          title="Cancel this run?"
          verb="Cancel the run"
          act={() => go("cancel")}
          onClose={() => setAsking(false)}
        >
          It ends where it is. What was sent stays sent; nothing more happens to {called(run.customer)} in this run.
        </Confirm>
      ) : null}
    </>
  );
}
