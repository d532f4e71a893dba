import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { Step } from "@/api/models";
import type { NodeLook } from "@/api/nodes";
import { NodeIcon } from "@/canvas/icons";
import { StateGlyph } from "@/ui/glyphs";
import { StepBody } from "@/ui/StepBody";
import { stepLook } from "@/ui/states";
import { useNow } from "@/ui/TimeAgo";
import { clock, countdown, duration, money } from "@/ui/time";

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
