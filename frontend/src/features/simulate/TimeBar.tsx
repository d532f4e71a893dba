/** The path as a strip under the canvas: play, the simulated clock, and a bar a step, moved through with the arrow keys. */

import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { stepLook } from "@/ui/states";
import { clock, duration } from "@/ui/time";
import { dayOf, lasts, short, why } from "./path";
import type { SimulatedStep, Simulation } from "./question";

const format = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

interface Props {
  made: Simulation;
  at: number;
  playing: boolean;
  onAt: (at: number) => void;
  onPlay: () => void;
}

function said(step: SimulatedStep, begin: number): string {
  if (lasts(step)) return step.left_at ? duration(Date.parse(step.left_at) - Date.parse(step.entered_at)) : "for ever";
  return step.sentence ? short(why(step), 18) : clock(step.entered_at, begin);
}

export function TimeBar({ made, at, playing, onAt, onPlay }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const { steps } = made;
  const begin = Date.parse(made.at);
  const step = steps[at];
  const moment = step ? step.entered_at : made.at;
  const days = dayOf(made.at, made.end.at);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [at]);
  const keys = (event: KeyboardEvent<HTMLOListElement>) => {
    const jump = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: steps.length - 1 }[event.key];
    if (jump === undefined) return;
    event.preventDefault();
    const to = Math.min(steps.length - 1, Math.max(0, jump));
    onAt(to);
    event.currentTarget.querySelectorAll("button")[to]?.focus();
  };
  return (
    <nav className="sim-time" aria-label="Steps of the simulation">
      <button
        type="button"
        className="icon-btn"
        aria-label={playing ? "Stop" : "Play"}
        title={playing ? "Stop  Space" : "Play  Space"}
        onClick={onPlay}
        disabled={steps.length < 2}
        data-testid="sim-play"
      >
        {playing ? <IconPlayerPause className="i" /> : <IconPlayerPlay className="i" />}
      </button>
      <div className="sim-clock" aria-live="off">
        <b>{format.format(new Date(moment))}</b>
        <span>
          day {dayOf(made.at, moment)} of {days}
        </span>
      </div>
      <ol ref={list} onKeyDown={keys}>
        {steps.map((each, index) => {
          const shape = lasts(each) ? "gap" : each.status === "failed" ? "failed" : "";
          return (
            <li key={each.seq} className={`${shape}${index > at ? " to-come" : ""}`}>
              <button
                type="button"
                aria-current={index === at ? "step" : undefined}
                tabIndex={index === at ? 0 : -1}
                title={`${each.name}: ${each.sentence || stepLook(each.status).word}`}
                onClick={() => onAt(index)}
              >
                <i />
                <b className="cut">{each.name}</b>
                <span className="cut">{said(each, begin)}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
