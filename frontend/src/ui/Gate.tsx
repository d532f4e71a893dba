/** The delivery gate's verdicts on a message, in the order in which they were judged. */

import { useState } from "react";
import { StateGlyph } from "./glyphs";

export type GateVerdict = { check: string; verdict: string; sentence: string };

const NAMES: Readonly<Record<string, string>> = {
  run_active: "Run is active",
  flow_running: "Flow is running",
  exit_or_goal: "No exit or goal",
  consent: "Consent, no suppression",
  address: "Reachable address",
  audience: "Meant for this customer",
  holdout: "Not held out",
  quiet_hours: "Outside quiet hours",
  frequency_cap: "Frequency cap",
  budget: "Budget",
  rate_limit: "Rate limit",
  render: "Written",
  send: "Handed over",
};

export function Gate({ gate }: { gate: readonly GateVerdict[] }) {
  const last = gate.at(-1);
  const stopped = last !== undefined && last.verdict !== "pass";
  const [open, setOpen] = useState(false);
  if (!last) return null;
  const shown = open ? gate : stopped ? [last] : [];
  const passed = gate.filter((each) => each.verdict === "pass").length;
  return (
    <section data-testid="gate">
      <div className="h">
        Delivery gate
        <button type="button" className="link s12 push" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Show less" : stopped ? `${passed} passed before` : `All ${passed} passed`}
        </button>
      </div>
      {shown.length ? (
        <ol className="gate" aria-label="Verdicts of the delivery gate">
          {shown.map((each) => (
            <li key={each.check}>
              <StateGlyph state={each.verdict === "pass" ? "succeeded" : "held"} />
              <span>
                {NAMES[each.check] ?? each.check}
                {each.sentence ? <span className="t2 gate-why">{each.sentence}</span> : null}
              </span>
            </li>
          ))}
        </ol>
      ) : null}
    </section>
  );
}
