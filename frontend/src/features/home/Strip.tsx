import type { Home } from "@/api/models";
import { LiveMark } from "@/live/LiveMark";
import { StateGlyph } from "@/ui/glyphs";
import { Bars } from "@/ui/Sparkline";
import { count } from "@/ui/time";

/** What the workspace does now, in five figures. Widths are kept while they load. */
export function Strip({ home }: { home: Home | undefined }) {
  const number = (value: number | undefined) => (value === undefined ? "\u2007" : count(value));
  return (
    <dl className="pulse-strip" aria-label="Now, all flows">
      <div>
        <dt>
          <LiveMark />
          <span>Events a minute</span>
        </dt>
        <dd>
          {number(home?.events_per_minute)}
          <small>last hour</small>
        </dd>
        {home ? <Bars values={home.events_minutes} /> : null}
      </div>
      <div>
        <dt>
          <StateGlyph state="running" />
          Moving now
        </dt>
        <dd>{number(home?.moving)}</dd>
      </div>
      <div>
        <dt>
          <StateGlyph state="waiting" />
          Waiting
        </dt>
        <dd>{number(home?.waiting)}</dd>
      </div>
      <div>
        <dt>
          <StateGlyph state="held" />
          Held
        </dt>
        <dd>{number(home?.held)}</dd>
      </div>
      <div>
        <dt>
          <StateGlyph state="failed" />
          Failed, last hour
        </dt>
        <dd>{number(home?.failed_hour)}</dd>
      </div>
    </dl>
  );
}
