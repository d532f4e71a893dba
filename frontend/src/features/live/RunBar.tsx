import type { KeyboardEvent } from "react";
import type { RunDetail, Step } from "@/api/models";
import { stepLook } from "@/ui/states";
import { useNow } from "@/ui/TimeAgo";
import { clock, duration } from "@/ui/time";
import { progressOf, remaining } from "./path";
import type { NodeFace } from "./RunStep";

interface Props {
  run: RunDetail;
  face: (node: string) => NodeFace;
  step: string | null;
  onStep: (step: Step) => void;
}

function said(step: Step, trigger: boolean, now: number): string {
  if (trigger) return clock(step.entered_at, now);
  if (step.left_at) return duration(Date.parse(step.left_at) - Date.parse(step.entered_at));
  const { word } = stepLook(step.status);
  return step.due_at ? `${word.toLowerCase()}, ${remaining(step.due_at, now)}` : word.toLowerCase();
}

/** The steps of a run in a row under the canvas, moved through with the arrow keys. */
export function RunBar({ run, face, step, onStep }: Props) {
  const now = useNow();
  const at = run.steps.findIndex((each) => each.id === step);
  const keys = (event: KeyboardEvent<HTMLOListElement>) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const to = by ? run.steps[Math.min(run.steps.length - 1, Math.max(0, at + by))] : undefined;
    if (!to || to.id === step) return;
    event.preventDefault();
    onStep(to);
    event.currentTarget.querySelectorAll("button")[run.steps.indexOf(to)]?.focus();
  };
  return (
    <nav className="run-bar" aria-label="Steps of the run">
      <ol onKeyDown={keys}>
        {run.steps.map((each, index) => {
          const progress = progressOf(each, now);
          const { state } = stepLook(each.status);
          return (
            <li key={each.id} className={`b-${state}${each.left_at ? "" : " now"}`}>
              <button
                type="button"
                aria-current={each.id === step ? "step" : undefined}
                tabIndex={index === Math.max(0, at) ? 0 : -1}
                onClick={() => onStep(each)}
              >
                <i style={{ "--p": `${Math.round((progress ?? 1) * 100)}%` } as React.CSSProperties} />
                <b className="cut">{face(each.node).name}</b>
                <span className="cut">{said(each, index === 0, now)}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
