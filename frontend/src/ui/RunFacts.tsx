import { StateGlyph } from "./glyphs";
import { Panel } from "./Panel";
import { runLook } from "./states";
import { Clock, useNow } from "./TimeAgo";
import { duration, money } from "./time";

type Run = { status: string; state: string; started_at: string; ended_at: string | null; cost: number };

/** How a run stands, since when, for how long and for how much. */
export function RunFacts({ run }: { run: Run }) {
  const look = runLook(run.status, run.state);
  const now = useNow();
  const end = run.ended_at ? Date.parse(run.ended_at) : now;
  return (
    <dl className="facts">
      <div>
        <dt>Status</dt>
        <dd className={`row is-${look.state}`} data-testid="run-status">
          <StateGlyph state={look.state} />
          {look.word}
        </dd>
      </div>
      <div>
        <dt>Started</dt>
        <dd>
          <Clock at={run.started_at} />
        </dd>
      </div>
      <div>
        <dt>{run.ended_at ? "Took" : "For"}</dt>
        {/* The browser's clock may be behind the server's. */}
        <dd>{duration(Math.max(0, end - Date.parse(run.started_at)))}</dd>
      </div>
      <div>
        <dt>Cost</dt>
        <dd>{money(run.cost)}</dd>
      </div>
    </dl>
  );
}

/** The panel of a run that is not there yet, or never will be. */
export function RunAbsent({ gone, wrong, onClose }: { gone: boolean; wrong: string; onClose: () => void }) {
  if (!wrong) {
    return (
      <Panel label="Run" title={<span className="sk" />} onClose={onClose} testId="run-panel">
        <span className="sr" role="status">
          Loading
        </span>
      </Panel>
    );
  }
  return (
    <Panel
      label="Run"
      title={gone ? "There is no such run" : "The run cannot be shown"}
      onClose={onClose}
      testId="run-panel"
    >
      <p className="t2">{gone ? "It may be in another workspace, or older than what is kept." : wrong}</p>
    </Panel>
  );
}
