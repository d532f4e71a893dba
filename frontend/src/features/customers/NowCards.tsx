import { Link } from "react-router";
import type { JourneyItem } from "@/api/models";
import { Chip } from "@/ui/Chip";
import { runLook } from "@/ui/states";
import { useNow } from "@/ui/TimeAgo";
import { countdown, duration } from "@/ui/time";

type RunItem = Extract<JourneyItem, { kind: "run" }>;

/** The runs that are on their way, each with what it waits for and how long still. */
export function NowCards({ runs }: { runs: readonly RunItem[] }) {
  const active = runs.filter(({ run }) => run.status === "active" || run.status === "paused");
  if (active.length === 0) return null;
  return (
    <div className="now-cards">
      {active.map((item) => (
        <NowCard key={item.run.id} item={item} />
      ))}
    </div>
  );
}

function NowCard({ item: { run, steps } }: { item: RunItem }) {
  const now = useNow();
  const look = runLook(run.status, run.state);
  const open = steps.find((step) => step.left_at === null);
  const due = open?.due_at ? Date.parse(open.due_at) : null;
  const entered = open ? Date.parse(open.entered_at) : null;
  const share = due !== null && entered !== null ? Math.min(1, Math.max(0, (now - entered) / (due - entered))) : null;
  return (
    <article className={look.state === "held" ? "box now-card held" : "box now-card"}>
      <div className="row">
        <Chip state={look.state}>{look.word}</Chip>
        <span className="strong cut">{run.node?.name ?? run.flow.name}</span>
        <span className="t2 cut">
          in {run.flow.name} v{run.version}
        </span>
      </div>
      <div className="big num">
        {due !== null && due > now ? countdown(due - now) : entered === null ? "" : duration(now - entered)}
      </div>
      <p className="t2 s12 cut" title={run.sentence}>
        {run.sentence}
      </p>
      <Link className="link s12" to={`/flows/${run.flow.id}?mode=live&run=${run.id}`}>
        Open on the canvas
      </Link>
      {share === null ? null : (
        <div
          className="progress"
          role="progressbar"
          aria-label="How much of the wait is over"
          aria-valuenow={Math.round(share * 100)}
          ref={(element) => element?.style.setProperty("--p", `${share * 100}%`)}
        />
      )}
    </article>
  );
}
