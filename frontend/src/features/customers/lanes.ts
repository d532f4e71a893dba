import type { JourneyItem, Step } from "@/api/models";
import type { State } from "@/ui/glyphs";
import { runLook } from "@/ui/states";

type RunItem = Extract<JourneyItem, { kind: "run" }>;
type EventItem = Extract<JourneyItem, { kind: "event" }>;

export type Range = "1h" | "24h" | "7d" | "30d" | "all";

const HOUR = 3_600_000;
const spans: Record<Exclude<Range, "all">, number> = {
  "1h": HOUR,
  "24h": 24 * HOUR,
  "7d": 168 * HOUR,
  "30d": 720 * HOUR,
};

export type Span = { from: number; to: number };

/** The stretch of time that is drawn; a quarter of it lies ahead, where what is planned stands. */
export function spanOf(range: Range, items: readonly JourneyItem[], now: number): Span {
  if (range !== "all") return { from: now - spans[range] * 0.75, to: now + spans[range] * 0.25 };
  const first = Math.min(now - HOUR / 6, ...items.map((item) => Date.parse(item.at)));
  const due = items.flatMap((item) => (item.kind === "run" ? item.steps.map((step) => dueOf(step) ?? now) : []));
  const last = Math.max(now, ...due);
  const margin = Math.max((last - first) * 0.06, 30_000);
  return { from: first - margin, to: last + margin };
}

/** The shortest range in which everything so far fits. */
export function startingRange(items: readonly JourneyItem[], now: number): Range {
  const oldest = Math.min(now, ...items.map((item) => Date.parse(item.at)));
  const fitting = (["1h", "24h", "7d", "30d"] as const).find((range) => now - oldest <= spans[range] * 0.7);
  return fitting ?? "all";
}

export type Tick = { at: number; label: string };

const steps = [
  60_000,
  300_000,
  600_000,
  900_000,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  24 * HOUR,
  72 * HOUR,
  168 * HOUR,
  720 * HOUR,
];

/** Moments to write along the top: round ones, at most eight, in the viewer's zone. */
export function ticks({ from, to }: Span): Tick[] {
  const step = steps.find((each) => (to - from) / each <= 8) ?? Math.ceil((to - from) / 8);
  const offset = new Date(from).getTimezoneOffset() * 60_000;
  const format = new Intl.DateTimeFormat(
    "en-GB",
    step >= 24 * HOUR
      ? { weekday: "short", day: "numeric", ...(step > 48 * HOUR && { month: "short" as const }) }
      : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  );
  const made: Tick[] = [];
  for (let at = Math.ceil((from - offset) / step) * step + offset; at < to; at += step) {
    made.push({ at, label: format.format(at) });
  }
  return made;
}

function dueOf(step: Step): number | null {
  return step.left_at === null && step.due_at ? Date.parse(step.due_at) : null;
}

export type Bar = {
  id: string;
  flow: string;
  version: number;
  from: number;
  to: number;
  /** Until when it will wait, when that is ahead. */
  until: number | null;
  state: State;
  word: string;
  sentence: string;
  marks: { id: string; at: number; node: string; failed: boolean }[];
};

/** Each run as a bar from its start to its end or to now, the newest first. */
export function bars(runs: readonly RunItem[], now: number): Bar[] {
  return [...runs]
    .sort((a, b) => b.at.localeCompare(a.at))
    .map(({ run, steps: path }) => {
      const look = runLook(run.status, run.state);
      const due = path.map(dueOf).find((each) => each !== null && each > now) ?? null;
      return {
        id: run.id,
        flow: run.flow.name,
        version: run.version,
        from: Date.parse(run.started_at),
        to: run.ended_at ? Date.parse(run.ended_at) : now,
        until: run.ended_at ? null : due,
        state: look.state,
        word: look.word,
        sentence: run.sentence,
        marks: path.map((step) => ({
          id: step.id,
          at: Date.parse(step.entered_at),
          node: step.node,
          failed: step.status === "failed",
        })),
      };
    });
}

type Room = { x: (at: number) => number; left: number; right: number; words: string };
type Placed = {
  from: number;
  to: number;
  until: number | null;
  marks: { id: string; x: number; node: string; failed: boolean }[];
  text: { x: number; anchor: "start" | "end" };
};

const LEAST = 8;
const MARK = 6;
const LETTER = 6.2;

/**
 * Where a bar lies in its lane. It ends exactly where its run ended, or now: one too short to see grows towards the
 * past, and steps that do not fit between start and end are left to the list below.
 */
export function placed(bar: Bar, { x, left, right, words }: Room): Placed {
  const to = Math.min(right - 1, Math.max(left + LEAST + 1, x(bar.to)));
  const from = Math.max(left + 1, Math.min(x(bar.from), to - LEAST));
  const until = bar.until === null ? null : Math.min(right - 1, x(bar.until));
  const marks: Placed["marks"] = [];
  for (const { at, ...mark } of bar.marks) {
    const before = marks.at(-1);
    const place = Math.max(from + 4, x(at), before ? before.x + MARK + 2 : 0);
    if (place + MARK + 3 <= to) marks.push({ ...mark, x: place });
  }
  const wide = words.length * LETTER;
  const ahead = until !== null && until - to > wide + 16;
  const text: Placed["text"] =
    !ahead && from - 8 - wide > left
      ? { x: from - 8, anchor: "end" }
      : { x: (ahead ? to : (until ?? to)) + 8, anchor: "start" };
  return { from, to, until, marks, text };
}

export type Dot = { at: number; name: string; count: number; used: boolean };

/** Events as dots; those that would touch are one dot with a count. */
export function dots(events: readonly EventItem[], span: Span, width: number): Dot[] {
  const near = ((span.to - span.from) / Math.max(1, width)) * 7;
  const sorted = events
    .map((event) => ({ at: Date.parse(event.at), name: event.name, count: 1, used: event.outcome.length > 0 }))
    .filter((dot) => dot.at >= span.from && dot.at <= span.to)
    .sort((a, b) => a.at - b.at);
  const made: Dot[] = [];
  for (const dot of sorted) {
    const last = made.at(-1);
    if (last && dot.at - last.at < near) {
      last.count += 1;
      last.used ||= dot.used;
    } else made.push({ ...dot });
  }
  return made;
}
