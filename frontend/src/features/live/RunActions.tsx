import { IconRefresh, IconUser } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { RunDetail } from "@/api/models";
import { called } from "@/api/people";
import { remedies, useRunAct } from "@/api/runs";
import { useMay } from "@/api/session";

const focus = (button: HTMLButtonElement | null) => button?.focus();

/** What a person may do for the run, by role and by how it stands. Cancelling asks once more, on the spot. */
export function RunActions({ run, onOpen }: { run: RunDetail; onOpen: (run: string) => void }) {
  const edits = useMay("editor");
  const act = useRunAct();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const [wrong, setWrong] = useState("");
  const can = remedies(run);
  const go = async (verb: "cancel" | "retry") => {
    setBusy(true);
    setWrong("");
    try {
      const going = await act(verb, run.id);
      if (going !== run.id) onOpen(going);
    } catch (reason) {
      setWrong(reason instanceof Error ? reason.message : String(reason));
    }
    setBusy(false);
    setAsking(false);
  };
  const again = edits && (can.retry || can.hurry);
  return (
    <div className="run-actions">
      {wrong ? (
        <p className="call bad" role="alert" data-testid="run-wrong">
          {wrong}
        </p>
      ) : null}
      {asking && can.cancel ? (
        <div className="row" role="group" aria-label="Cancel this run?">
          <span className="t2 ask">
            <b>Cancel this run?</b> What was sent stays sent; nothing more happens to {called(run.customer)} here.
          </span>
          <button type="button" className="btn btn-quiet btn-sm" onClick={() => setAsking(false)} ref={focus}>
            Leave it
          </button>
          <button
            type="button"
            className="btn btn-ink btn-sm"
            disabled={busy}
            onClick={() => void go("cancel")}
            data-testid="run-cancel-confirm"
          >
            Cancel the run
          </button>
        </div>
      ) : (
        <div className="row">
          <Link className="btn btn-quiet btn-sm" to={`/customers/${run.customer.id}`} data-testid="run-customer">
            <IconUser className="i i14" />
            The customer
          </Link>
          <span className="push" />
          {edits && can.cancel ? (
            <button
              type="button"
              className="btn btn-line btn-sm"
              disabled={busy}
              onClick={() => setAsking(true)}
              data-testid="run-cancel"
            >
              Cancel run
            </button>
          ) : null}
          {again ? (
            <button
              type="button"
              className="btn btn-ink btn-sm"
              disabled={busy}
              title="Tries the step again, with the same idempotency key. Finished steps are not executed again."
              onClick={() => void go("retry")}
              data-testid="run-retry"
            >
              <IconRefresh className="i i14" />
              {can.retry ? "Retry" : "Try now"}
            </button>
          ) : null}
        </div>
      )}
    </div>
  );
}
