import { IconChevronRight } from "@tabler/icons-react";
import { memo, useEffect, useRef } from "react";
import type { Step } from "@/api/models";
import { NodeIcon } from "@/canvas/icons";
import { StateGlyph } from "@/ui/glyphs";
import { StepBody } from "@/ui/StepBody";
import { stepLook } from "@/ui/states";
import { useMoment, useNow } from "@/ui/TimeAgo";
import { clock, duration, exact, money } from "@/ui/time";
import { remaining } from "./path";

export interface NodeFace {
  readonly name: string;
  readonly kind: string;
  readonly icon: string;
}

function Spent({ step }: { step: Step }) {
  const now = useNow();
  if (step.left_at) return duration(Date.parse(step.left_at) - Date.parse(step.entered_at));
  if (step.due_at && Date.parse(step.due_at) > now) return remaining(step.due_at, now);
  return duration(Math.max(0, now - Date.parse(step.entered_at)));
}

function Entered({ at }: { at: string }) {
  return (
    <time dateTime={at} title={useMoment(at)}>
      {clock(at, Date.now())}
    </time>
  );
}

interface Props {
  step: Step;
  /** Which of the steps at this node it is. */
  nth: number;
  /** It is the same visit tried again. */
  again: boolean;
  face: NodeFace;
  open: boolean;
  onToggle: (step: Step) => void;
}

/** One step of the run: what it did and why; opened, its attempts, and what went in and came out. */
export const RunStep = memo(function RunStep({ step, nth, again, face, open, onToggle }: Props) {
  const item = useRef<HTMLLIElement>(null);
  const look = stepLook(step.status);
  const bad = step.status === "failed";
  useEffect(() => {
    if (open) item.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  const id = nth > 1 ? `${step.node}-${nth}` : step.node;
  return (
    <li ref={item} className={open ? "on" : undefined} data-testid={`run-step-${id}`} data-status={step.status}>
      <span className={bad ? "tile s bad" : `tile s k-${face.kind}`}>
        {bad ? <StateGlyph state="failed" /> : <NodeIcon name={face.icon} className="i" />}
      </span>
      <button type="button" className="step-head live-step" aria-expanded={open} onClick={() => onToggle(step)}>
        <span className="who-row">
          <b className="cut">{face.name}</b>
          {again ? (
            <span className="tag">again</span>
          ) : step.visit > 1 ? (
            <span className="tag">{step.visit}. visit</span>
          ) : null}
          <IconChevronRight className="i i12 t3" />
          <span className="r push">
            <Spent step={step} />
          </span>
        </span>
        <span className={bad ? "step-said is-failed" : "step-said"}>{step.reason || look.word}</span>
      </button>
      {open ? (
        <div className="step-open">
          <dl className="facts">
            <div>
              <dt>Outcome</dt>
              <dd className={`row is-${look.state}`}>
                <StateGlyph state={look.state} />
                {look.word}
              </dd>
            </div>
            <div>
              <dt>Entered</dt>
              <dd title={exact(step.entered_at)}>
                <Entered at={step.entered_at} />
              </dd>
            </div>
            <div>
              <dt>{step.left_at ? "Took" : step.due_at ? "Left" : "For"}</dt>
              <dd>
                <Spent step={step} />
              </dd>
            </div>
            <div>
              <dt>Cost</dt>
              <dd>{money(step.cost)}</dd>
            </div>
          </dl>
          <StepBody step={step} />
        </div>
      ) : null}
    </li>
  );
});
