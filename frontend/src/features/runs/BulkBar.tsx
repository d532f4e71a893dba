import { notifications } from "@mantine/notifications";
import { IconRefresh, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { Run } from "@/api/models";
import { type Bulk, remedies, useBulk } from "@/api/runs";
import { Confirm } from "@/ui/Confirm";
import { plural } from "@/ui/time";

type Props = { runs: readonly Run[]; clear: () => void };

/** Which of the chosen runs a retry or a cancel can do anything for. */
export function reachable(runs: readonly Run[]) {
  return {
    retry: runs.filter((run) => remedies(run).retry),
    cancel: runs.filter((run) => remedies(run).cancel),
  };
}

/** What can be done with the chosen runs, with the count and the effect of each. */
export function BulkBar({ runs, clear }: Props) {
  const act = useBulk();
  const [progress, setProgress] = useState<(Bulk & { of: number; word: string }) | null>(null);
  const [asking, setAsking] = useState(false);
  const { retry, cancel } = reachable(runs);

  const go = async (verb: "cancel" | "retry", chosen: readonly Run[]) => {
    const word = verb === "retry" ? "Retrying" : "Cancelling";
    setProgress({ done: 0, failed: [], of: chosen.length, word });
    const ids = chosen.map((run) => run.id);
    const bulk = await act(verb, ids, (now) => setProgress({ ...now, of: chosen.length, word }));
    setProgress(null);
    const fine = chosen.length - bulk.failed.length;
    const verbed = verb === "retry" ? "tried again from where they failed" : "cancelled";
    const first = bulk.failed[0];
    notifications.show({
      message: `${plural(fine, "run")} ${verbed}.${first ? ` ${plural(bulk.failed.length, "run")} did not: ${first.why}` : ""}`,
    });
    clear();
  };

  return (
    <div className="bulk" role="toolbar" aria-label={`${runs.length} selected`}>
      <span className="strong-on">{runs.length} selected</span>
      <span className="sep" />
      {progress ? (
        <span role="status">
          {progress.word} {progress.done} of {progress.of}
        </span>
      ) : (
        <>
          <button type="button" className="btn" disabled={!retry.length} onClick={() => void go("retry", retry)}>
            <IconRefresh className="i i14" />
            Retry {retry.length || ""} from the failed step
          </button>
          <button type="button" className="btn" disabled={!cancel.length} onClick={() => setAsking(true)}>
            <IconX className="i i14" />
            Cancel {cancel.length || ""}
          </button>
          <span className="sep" />
          <button type="button" className="btn" aria-label="Clear the selection" onClick={clear}>
            <IconX className="i i14" />
          </button>
        </>
      )}
      {asking ? (
        <Confirm
          title={`Cancel ${plural(cancel.length, "run")}?`}
          verb={`Cancel ${plural(cancel.length, "run")}`}
          act={async () => {
            setAsking(false);
            await go("cancel", cancel);
          }}
          onClose={() => setAsking(false)}
        >
          Each ends where it is. What was sent stays sent; nothing more happens to these customers in these runs.
        </Confirm>
      ) : null}
    </div>
  );
}
