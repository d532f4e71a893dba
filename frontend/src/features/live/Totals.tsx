import { IconActivity } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useLiveStatus } from "@/live/useTopic";
import { StateGlyph } from "@/ui/glyphs";
import type { Totals } from "./counts";
import { figure } from "./numbers";
import { useTotals, type Whose } from "./useTotals";

const SPOKEN_MS = 10_000;

/** The totals for a screen reader: as a sentence, and only every ten seconds. */
function Spoken({ totals }: { totals: Totals | undefined }) {
  const now = totals
    ? `${figure(totals.moving)} moving, ${figure(totals.waiting)} waiting, ${figure(totals.entered)} entered, ` +
      `${figure(totals.completed)} completed, ${figure(totals.failed)} failed`
    : "";
  const newest = useRef(now);
  newest.current = now;
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setInterval(() => setSaid(newest.current), SPOKEN_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="sr" aria-live="polite">
      {said}
    </span>
  );
}

const KPIS = [
  ["moving", "Moving now"],
  ["waiting", "Waiting"],
  ["failed", "Failed"],
  ["entered", "Entered"],
  ["completed", "Completed"],
  ["left", "Left early"],
] as const;

/** The totals at the head of the panel. */
export function Kpis({ whose }: { whose: Whose }) {
  const totals = useTotals(whose);
  const { status } = useLiveStatus();
  return (
    <div className={status === "lost" ? "live-totals stale" : "live-totals"} data-testid="live-strip">
      <dl className="kpis">
        {KPIS.map(([key, name]) => (
          <div key={key}>
            <dt>{name}</dt>
            <dd className={key === "failed" && totals?.failed ? "is-failed" : undefined} data-testid={`total-${key}`}>
              {totals ? figure(totals[key]) : "–"}
            </dd>
          </div>
        ))}
      </dl>
      <Spoken totals={totals} />
    </div>
  );
}

/** The totals over the canvas while the panel is put away, and the way back to it. */
export function TotalsStrip({ whose, onOpen }: { whose: Whose; onOpen: () => void }) {
  const totals = useTotals(whose);
  const { status } = useLiveStatus();
  const parts = [
    ["running", "moving"],
    ["waiting", "waiting"],
    ["failed", "failed"],
  ] as const;
  return (
    <div
      className={status === "lost" ? "canvas-ui totals-strip stale" : "canvas-ui totals-strip"}
      data-testid="live-strip"
    >
      {parts.map(([state, key]) => (
        <span key={key} data-testid={`total-${key}`}>
          <StateGlyph state={state} />
          <b>{totals ? figure(totals[key]) : "–"}</b> {key}
        </span>
      ))}
      <button type="button" className="btn btn-quiet btn-sm" onClick={onOpen} data-testid="open-stream">
        <IconActivity className="i i14" />
        Runs
      </button>
      <Spoken totals={totals} />
    </div>
  );
}
