import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { Attempt, Step } from "@/api/models";
import type { NodeLook } from "@/api/nodes";
import { NodeIcon } from "@/canvas/icons";
import { StateGlyph } from "@/ui/glyphs";
import { JsonView } from "@/ui/JsonView";
import { stepLook } from "@/ui/states";
import { useNow } from "@/ui/TimeAgo";
import { clock, countdown, duration, exact, money } from "@/ui/time";

/** One step of a run's path: what it did and why; opened, what went in and came out and each attempt. */
export function StepItem({ step, look }: { step: Step; look: NodeLook }) {
  const [open, setOpen] = useState(false);
  const state = stepLook(step.status);
  const bad = step.status === "failed";
  return (
    <li>
      <span className={bad ? "tile s bad" : `tile s k-${look.kind}`}>
        {bad ? <StateGlyph state="failed" /> : <NodeIcon name={look.icon} className="i" />}
      </span>
      <div className="cut">
        <button type="button" className="step-head" aria-expanded={open} onClick={() => setOpen(!open)}>
          <b className="cut">{look.name}</b>
          {step.visit > 1 ? <span className="tag">{step.visit}. visit</span> : null}
          <IconChevronRight className="i i12 t3" />
        </button>
        <p className={bad ? "is-failed wrap" : "wrap"}>{said(step, state.word)}</p>
      </div>
      <span className="r" title={`${state.word}, entered ${clock(step.entered_at, Date.now())}`}>
        <Spent step={step} />
      </span>
      {open ? <StepBody step={step} /> : null}
    </li>
  );
}

function said(step: Step, word: string): string {
  const cost = step.cost ? `, ${money(step.cost)}` : "";
  return `${step.reason || word}${cost}`;
}

function Spent({ step }: { step: Step }) {
  const now = useNow();
  if (step.left_at) return duration(Date.parse(step.left_at) - Date.parse(step.entered_at));
  if (step.due_at && Date.parse(step.due_at) > now) return countdown(Date.parse(step.due_at) - now);
  return duration(now - Date.parse(step.entered_at));
}

function StepBody({ step }: { step: Step }) {
  const parts = [
    ["Read", step.reads],
    ["Input", step.input],
    ["Output", step.output],
    ["Traits it set", step.traits],
  ] as const;
  return (
    <div className="step-body">
      {step.flagged ? <p className="call">{step.flagged}</p> : null}
      {step.due_at && !step.left_at ? <p className="t2">Until {clock(step.due_at, Date.now())}</p> : null}
      {step.attempts.length ? (
        <ol className="attempts" aria-label="Attempts">
          {step.attempts.map((attempt) => (
            <AttemptItem key={attempt.number} attempt={attempt} />
          ))}
        </ol>
      ) : null}
      {parts.map(([name, value]) =>
        filled(value) ? (
          <div key={name}>
            <div className="h">{name}</div>
            <JsonView value={value} label={name} open={1} />
          </div>
        ) : null,
      )}
    </div>
  );
}

function filled(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

const shapes = {
  accepted: "succeeded",
  rejected: "failed",
  sending: "running",
  unknown: "held",
  not_sent: "draft",
} as const;

function AttemptItem({ attempt }: { attempt: Attempt }) {
  const state = shapes[attempt.state as keyof typeof shapes] ?? "draft";
  const took = attempt.ended_at
    ? duration(Date.parse(attempt.ended_at) - Date.parse(attempt.started_at))
    : "on its way";
  const status = attempt.status ? `${attempt.status}` : attempt.error_class || attempt.state.replace("_", " ");
  return (
    <li>
      <StateGlyph state={state} />
      <span>
        Try {attempt.number}: {status}
        {attempt.sandbox ? <span className="tag sandbox">Sandbox</span> : null}
      </span>
      <span className="t3" title={`Key ${attempt.key}`}>
        {took}
      </span>
      <p>
        {attempt.message ? `${attempt.message} ` : ""}
        <span className="t3">
          at {exact(attempt.started_at)}
          {attempt.cost ? `, ${money(attempt.cost)}` : ""}
        </span>
      </p>
    </li>
  );
}
