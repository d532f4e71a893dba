import { Gate, type GateVerdict } from "./Gate";
import { StateGlyph } from "./glyphs";
import { JsonView } from "./JsonView";
import { clock, duration, exact, money } from "./time";

type Attempt = {
  number: number;
  key: string;
  state: string;
  started_at: string;
  ended_at: string | null;
  status: number | null;
  error_class: string;
  message: string;
  sandbox: boolean;
  cost: number;
};
type Step = {
  due_at: string | null;
  left_at: string | null;
  flagged: string;
  reads: unknown;
  input: unknown;
  output: unknown;
  traits: unknown;
  attempts: readonly Attempt[];
  gate?: readonly GateVerdict[];
};

/** What a step says when it is opened: its attempts, what went in and came out, what it set. */
export function StepBody({ step }: { step: Step }) {
  const parts = [
    ["Read", step.reads],
    ["Input", step.input],
    ["Output", step.output],
    ["Traits it set", step.traits],
  ] as const;
  const one = new Set(step.attempts.map((attempt) => attempt.key)).size === 1;
  return (
    <div className="step-body">
      {step.flagged ? <p className="call">{step.flagged}</p> : null}
      {step.due_at && !step.left_at ? <p className="t2">Until {clock(step.due_at, Date.now())}</p> : null}
      {step.gate?.length ? <Gate gate={step.gate} /> : null}
      {step.attempts.length ? (
        <section>
          <div className="h">
            Attempts
            {one && step.attempts.length > 1 ? <span className="t3 push">same idempotency key</span> : null}
          </div>
          <ol className="attempts" aria-label="Attempts">
            {step.attempts.map((attempt) => (
              <AttemptItem key={attempt.number} attempt={attempt} />
            ))}
          </ol>
        </section>
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
