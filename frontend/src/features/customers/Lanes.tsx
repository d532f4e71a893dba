import { useElementSize } from "@mantine/hooks";
import { IconActivity, IconSchema } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { JourneyItem } from "@/api/models";
import type { NodeLook } from "@/api/nodes";
import { Segments } from "@/ui/Segments";
import { useNow } from "@/ui/TimeAgo";
import { countdown, plural } from "@/ui/time";
import { type Bar, bars, dots, placed, type Range, type Span, spanOf, startingRange, ticks } from "./lanes";

type RunItem = Extract<JourneyItem, { kind: "run" }>;
type EventItem = Extract<JourneyItem, { kind: "event" }>;
type Props = {
  events: readonly EventItem[];
  runs: readonly RunItem[];
  look: (run: RunItem["run"], node: string) => NodeLook;
};

const HEAD = 24;
const LANE = 44;
const LABEL = 172;
const MOST = 6;

const ranges = [
  { value: "1h", name: "1 h" },
  { value: "24h", name: "24 h" },
  { value: "7d", name: "7 d" },
  { value: "30d", name: "30 d" },
  { value: "all", name: "All" },
] as const;

/** The journey drawn: a lane of events, a lane for each run, now, and what is planned beyond it. */
export function Lanes({ events, runs, look }: Props) {
  const now = useNow();
  const { ref, width } = useElementSize();
  const [chosen, setChosen] = useState<Range | null>(null);
  const items = [...events, ...runs];
  const range = chosen ?? startingRange(items, now);
  const span = spanOf(range, items, now);
  const room = Math.max(200, width - LABEL);
  const x = (at: number) => LABEL + ((at - span.from) / (span.to - span.from)) * room;
  const all = bars(runs, now);
  const lanes = all.filter((bar) => bar.to >= span.from && bar.from <= span.to).slice(0, MOST);
  const height = HEAD + LANE * (1 + Math.max(1, lanes.length));
  const cost = runs.reduce((sum, item) => sum + Number(item.run.cost), 0);
  const byId = new Map(runs.map((item) => [item.run.id, item.run]));
  return (
    <section className="tl" aria-label="Journey">
      <div className="tl-bar">
        <span className="strong">Journey</span>
        <span className="t2 s12">
          {plural(runs.length, "run")}, {plural(events.length, "event")}
          {cost > 0 ? `, $${cost.toFixed(2)}` : ""}
        </span>
        {lanes.length < all.length ? (
          <span className="t3 s12">
            {plural(all.length - lanes.length, "run is", "runs are")} below or outside this range
          </span>
        ) : null}
        <span className="push" />
        <Segments label="Range" value={range} choices={ranges} onChange={setChosen} />
      </div>
      <div className="tl-body" ref={ref}>
        <svg width={width || 800} height={height} role="img" aria-label={spoken(events.length, lanes)}>
          <rect
            className="ahead"
            x={x(now)}
            y={HEAD}
            width={Math.max(0, LABEL + room - x(now))}
            height={height - HEAD}
          />
          {ticks(span).map((tick) => (
            <g key={tick.at}>
              <line className="g" x1={x(tick.at)} x2={x(tick.at)} y1={HEAD} y2={height} />
              {/* The pill of now would cover it. */}
              {x(tick.at) > x(now) - 60 && x(tick.at) < x(now) + 16 ? null : (
                <text x={x(tick.at) + 5} y={16}>
                  {tick.label}
                </text>
              )}
            </g>
          ))}
          <LaneName y={HEAD} icon="events" name="Events" number={events.length} width={width} />
          <EventDots events={events} span={span} room={room} x={x} />
          {lanes.map((bar, index) => (
            <g key={bar.id}>
              <LaneName
                y={HEAD + LANE * (index + 1)}
                icon="run"
                name={bar.flow}
                number={`v${bar.version}`}
                width={width}
              />
              <RunBar
                bar={bar}
                y={HEAD + LANE * (index + 1)}
                x={x}
                end={LABEL + room}
                now={now}
                kind={(node) => {
                  const run = byId.get(bar.id);
                  return run ? look(run, node).kind : "logic";
                }}
              />
            </g>
          ))}
          {lanes.length === 0 ? (
            <g>
              <LaneName y={HEAD + LANE} icon="run" name="Runs" number={0} width={width} />
              <text x={LABEL + 12} y={HEAD + LANE * 1.5 + 4}>
                No run in this time
              </text>
            </g>
          ) : null}
          <line className="nowline" x1={x(now)} x2={x(now)} y1={HEAD - 4} y2={height} />
          <rect className="nowpill" x={x(now) - 18} y={3} width={36} height={17} rx={8.5} />
          <text className="now" x={x(now)} y={15} textAnchor="middle">
            now
          </text>
        </svg>
      </div>
    </section>
  );
}

function spoken(events: number, lanes: readonly Bar[]): string {
  const runs = lanes.map((bar) => `${bar.flow}: ${bar.word}`).join("; ");
  return `${plural(events, "event")}. ${runs || "No runs"}. The list below says everything in order.`;
}

type LaneNameProps = { y: number; icon: "events" | "run"; name: string; number: string | number; width: number };

function LaneName({ y, icon, name, number, width }: LaneNameProps) {
  const Icon = icon === "events" ? IconActivity : IconSchema;
  return (
    <g>
      <line className="g" x1={0} x2={width} y1={y} y2={y} />
      <Icon className="lane-icon" x={16} y={y + 15} width={14} height={14} />
      <text className="m" x={38} y={y + 26}>
        {name.length > 15 ? `${name.slice(0, 14)}…` : name}
        <title>{name}</title>
      </text>
      <text x={LABEL - 12} y={y + 26} textAnchor="end">
        {number}
      </text>
      <line className="g" x1={LABEL} x2={LABEL} y1={y} y2={y + LANE} />
    </g>
  );
}

type DotsProps = { events: readonly EventItem[]; span: Span; room: number; x: (at: number) => number };

function EventDots({ events, span, room, x }: DotsProps) {
  let free = 0;
  return dots(events, span, room).map((dot) => {
    const at = x(dot.at);
    const label = dot.count > 1 ? `${dot.count} events` : dot.name;
    const wide = label.length * 6 + 10;
    const written = at - wide / 2 > free && at - wide / 2 > LABEL + 4;
    if (written) free = at + wide / 2;
    return (
      <g key={dot.at}>
        <circle className={dot.used ? "dot used" : "dot"} cx={at} cy={HEAD + 30} r={dot.count > 1 ? 4 : 3} />
        {written ? (
          <text className="d" x={at} y={HEAD + 19} textAnchor="middle">
            {label}
          </text>
        ) : null}
        <title>{label}</title>
      </g>
    );
  });
}

type RunBarProps = {
  bar: Bar;
  y: number;
  x: (at: number) => number;
  end: number;
  now: number;
  kind: (node: string) => string;
};

function RunBar({ bar, y, x, end, now, kind }: RunBarProps) {
  const navigate = useNavigate();
  const top = y + 14;
  const words = bar.until === null ? bar.word : `${countdown(bar.until - now)} left`;
  const { from, to, until, marks, text } = placed(bar, { x, left: LABEL, right: end, words });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list below opens the same run by keyboard
    <g className={`run-bar is-${bar.state}`} onClick={() => navigate(`/runs?run=${bar.id}`)}>
      <title>{bar.sentence}</title>
      {until !== null && until > to ? (
        <rect className="planned" x={to} y={top} width={until - to} height={16} rx={4} />
      ) : null}
      <rect className="past" x={from} y={top} width={to - from} height={16} rx={4} />
      {marks.map((mark) => (
        <rect
          key={mark.id}
          x={mark.x}
          y={top + 4}
          width={6}
          height={8}
          rx={1.5}
          style={{ fill: mark.failed ? "var(--fs-failed-solid)" : `var(--fs-k-${kind(mark.node)}-solid)` }}
        />
      ))}
      <text className="w" x={text.x} y={top + 12} textAnchor={text.anchor}>
        {words}
      </text>
    </g>
  );
}
