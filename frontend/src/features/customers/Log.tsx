import { IconBolt } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import type { JourneyItem, Run } from "@/api/models";
import type { NodeLook } from "@/api/nodes";
import { NodeIcon } from "@/canvas/icons";
import { StateGlyph } from "@/ui/glyphs";
import { runLook, stepLook } from "@/ui/states";
import { Clock } from "@/ui/TimeAgo";
import { money, plural } from "@/ui/time";
import { type Line, lines, type Show } from "./log";

type Props = { items: readonly JourneyItem[]; look: (run: Run, node: string) => NodeLook };

/** Everything that happened, in order, and above it what is planned. */
export function Log({ items, look }: Props) {
  const [show, setShow] = useState<Show>("all");
  const { ahead, past } = useMemo(() => lines(items, show), [items, show]);
  const events = items.filter((item) => item.kind === "event").length;
  const steps = items.reduce((sum, item) => sum + (item.kind === "run" ? item.steps.length : 0), 0);
  const choices = [
    { value: "all", name: "All" },
    { value: "events", name: `Events ${events}` },
    { value: "steps", name: `Steps ${steps}` },
  ] as const;
  return (
    <section className="jl" aria-label="In order">
      <div className="jl-bar">
        <span className="strong">In order</span>
        <span className="gap" />
        {choices.map((each) => (
          <button
            key={each.value}
            type="button"
            className="fchip"
            aria-pressed={each.value === show}
            onClick={() => setShow(each.value)}
          >
            {each.name}
          </button>
        ))}
      </div>
      <ol>
        {ahead.map((line) => (
          <LogLine key={line.id} line={line} look={look} />
        ))}
        {ahead.length ? (
          <li className="nowline">
            <span>now</span>
          </li>
        ) : null}
        {past.map((line) => (
          <LogLine key={line.id} line={line} look={look} />
        ))}
      </ol>
    </section>
  );
}

function LogLine({ line, look }: { line: Line; look: Props["look"] }) {
  if (line.kind === "event") {
    const { event } = line;
    return (
      <li>
        <Clock at={line.at} />
        <span className="k-trigger kd">
          <IconBolt className="i i14" />
        </span>
        <Link className="strong cut" to={`/events?event=${event.id}`}>
          {event.name}
        </Link>
        <span className={event.status === "rejected" ? "is-failed cut" : "t2 cut"}>{eventSaid(event)}</span>
        <span className="t3 cut" title={event.source}>
          {event.source ? `from ${event.source}` : ""}
        </span>
        <span />
      </li>
    );
  }
  const flow = (
    <Link className="t3 cut" to={`/runs?run=${line.run.id}`}>
      {line.run.flow.name} v{line.run.version}
    </Link>
  );
  if (line.kind === "end") {
    const ending = runLook(line.run.status, line.run.state);
    return (
      <li>
        <Clock at={line.at} />
        <StateGlyph state={ending.state} />
        <span className="strong cut">{ending.word}</span>
        <span className={line.run.status === "failed" ? "is-failed cut" : "t2 cut"}>{line.run.sentence}</span>
        {flow}
        <span className="num">{line.run.cost ? money(line.run.cost) : ""}</span>
      </li>
    );
  }
  const node = look(line.run, line.step.node);
  const bad = line.step.status === "failed";
  return (
    <li className={line.kind === "due" ? "next" : undefined}>
      <Clock at={line.at} />
      {bad ? (
        <StateGlyph state="failed" />
      ) : (
        <span className={`k-${node.kind} kd`}>
          <NodeIcon name={node.icon} className="i i14" />
        </span>
      )}
      <span className={line.kind === "due" ? "cut" : "strong cut"}>{node.name}</span>
      <span className={bad ? "is-failed cut" : "t2 cut"} title={line.step.reason}>
        {line.kind === "due"
          ? "would go on, if nothing happens before"
          : line.step.reason || stepLook(line.step.status).word}
      </span>
      {flow}
      <span className="num">{line.kind === "step" && line.step.cost ? money(line.step.cost) : ""}</span>
    </li>
  );
}

function eventSaid(event: Extract<JourneyItem, { kind: "event" }>): string {
  if (event.status === "rejected") return event.problem;
  const started = event.outcome
    .filter((part) => part.run && !part.goal)
    .map((part) => `started ${part.flow_name ?? "a flow"}`);
  const woken = event.outcome.filter((part) => part.woke).length;
  const refused = event.outcome
    .filter((part) => part.refused)
    .map((part) => `${part.flow_name ?? "a flow"}: ${part.refused}`);
  const reached = event.outcome
    .filter((part) => part.goal)
    .map((part) => `${part.flow_name ?? "a flow"}: reached “${part.goal}”`);
  const left = event.outcome
    .filter((part) => part.left)
    .map((part) => `${part.flow_name ?? "a flow"}: ${part.sentence ?? "left"}`);
  const said = [
    ...started,
    ...reached,
    ...left,
    ...(woken ? [`woke ${plural(woken, "waiting run")}`] : []),
    ...refused,
  ];
  if (said.length) return said.join("; ");
  return event.type === "identify" ? "kept who they are" : "no flow uses it";
}
