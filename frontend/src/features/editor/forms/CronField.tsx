/** A schedule: the usual ones built, any other written in cron's five parts; the next moments below, in its zone. */

import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { DAYS, type Day, sortedDays } from "@/graph/clock";
import { cronWords, nextRuns, ordinal, type Plan, planOf, readCron, STEPS, toCron } from "@/graph/cron";
import { offsetWords, timeIn } from "@/graph/zone";
import { ClockInput } from "./ClockInput";
import { DayPicker } from "./DayPicker";
import type { FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { asText } from "./schema";
import { useNow } from "./useNow";
import { useZone } from "./useZone";

const KINDS: readonly { readonly value: Plan["every"] | "own"; readonly label: string }[] = [
  { value: "minutes", label: "Every few minutes" },
  { value: "hour", label: "Every hour" },
  { value: "day", label: "Every day" },
  { value: "week", label: "Every week" },
  { value: "month", label: "Every month" },
  { value: "own", label: "Own schedule (cron)" },
];

function fresh(every: Plan["every"], from: Plan | null): Plan {
  const at = from && "at" in from ? from.at : "09:00";
  if (every === "minutes") return { every, step: 15 };
  if (every === "hour") return { every, minute: 0 };
  if (every === "day") return { every, at };
  return every === "week" ? { every, days: ["mon"], at } : { every, day: 1, at };
}

function Details({ plan, label, disabled, onChange }: DetailsProps) {
  const clock = "at" in plan ? plan.at : "";
  const at = (
    <ClockInput
      label={`${label}: time`}
      value={clock}
      disabled={disabled}
      onChange={(next) => /^\d\d:\d\d$/.test(next) && onChange({ ...plan, at: next } as Plan)}
    />
  );
  if (plan.every === "minutes")
    return (
      <NativeSelect
        aria-label={`${label}: minutes`}
        data={STEPS.map((step) => ({ value: String(step), label: `every ${step} minutes` }))}
        value={String(plan.step)}
        disabled={disabled}
        onChange={(event) => onChange({ every: "minutes", step: Number(event.currentTarget.value) })}
      />
    );
  if (plan.every === "hour")
    return (
      <NativeSelect
        aria-label={`${label}: minute`}
        data={[...new Set([0, 5, 10, 15, 20, 30, 40, 45, 50, plan.minute])]
          .sort((a, b) => a - b)
          .map((minute) => ({ value: String(minute), label: minute ? `${minute} past` : "on the hour" }))}
        value={String(plan.minute)}
        disabled={disabled}
        onChange={(event) => onChange({ every: "hour", minute: Number(event.currentTarget.value) })}
      />
    );
  if (plan.every === "day") return at;
  if (plan.every === "week")
    return (
      <>
        {at}
        <DayPicker
          label={`${label}: days`}
          value={plan.days}
          disabled={disabled}
          onChange={(days: Day[]) => onChange({ ...plan, days: days.length ? sortedDays(days) : [...DAYS] })}
        />
      </>
    );
  return (
    <>
      {at}
      <NativeSelect
        className="wide"
        aria-label={`${label}: day of the month`}
        data={[
          ...Array.from({ length: 31 }, (_, at) => ({ value: String(at + 1), label: `on the ${ordinal(at + 1)}` })),
          { value: "last", label: "on the last day" },
        ]}
        value={String(plan.day)}
        disabled={disabled}
        onChange={(event) => {
          const day = event.currentTarget.value;
          onChange({ ...plan, day: day === "last" ? day : Number(day) });
        }}
      />
      {typeof plan.day === "number" && plan.day > 28 ? (
        <p className="help wide">Months without a {ordinal(plan.day)} are skipped.</p>
      ) : null}
    </>
  );
}

interface DetailsProps {
  plan: Plan;
  label: string;
  disabled: boolean;
  onChange: (plan: Plan) => void;
}

function moment(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(at > Date.now() + 300 * 86_400_000 ? { year: "numeric" } : {}),
  }).format(at);
}

/** The moments to come, in the schedule's zone; a change of clocks shows in the offset. */
function Next({ text }: { text: string }) {
  const now = useNow();
  const { zone } = useZone();
  const read = readCron(text);
  if ("wrong" in read) return null;
  const runs = nextRuns(read.cron, now, zone, 5);
  return (
    <div className="next" data-testid="next-runs">
      <p className="t2 s12">
        {cronWords(text)}, {zone} time
      </p>
      {runs.length ? (
        <ol>
          {runs.map((at) => (
            <li key={at}>
              <span>{moment(at, zone)}</span>
              <span className="num">{timeIn(at, zone)}</span>
              <span className="t3">{offsetWords(at, zone)}</span>
            </li>
          ))}
        </ol>
      ) : (
        <p className="wrong">It never happens in the next forty years.</p>
      )}
    </div>
  );
}

export function CronField(props: FieldProps) {
  const { field, value, disabled, onChange } = props;
  const text = asText(value ?? field.schema.default ?? undefined);
  const plan = planOf(text);
  const [own, setOwn] = useState(text !== "" && plan === null);
  const read = readCron(text);
  const kind = own || (text && !plan) ? "own" : (plan?.every ?? "");
  return (
    <Labelled {...props}>
      {(ids) => (
        <div className="cron">
          <NativeSelect
            id={ids.input}
            aria-describedby={ids.described}
            data={kind ? [...KINDS] : [{ value: "", label: "Choose how often" }, ...KINDS]}
            value={kind}
            disabled={disabled}
            onChange={(event) => {
              const next = event.currentTarget.value as Plan["every"] | "own" | "";
              setOwn(next === "own");
              if (next === "own") onChange(text || "0 9 * * MON-FRI");
              else if (next) onChange(toCron(fresh(next, plan)));
            }}
          />
          {kind === "own" ? (
            <TextInput
              className="wide"
              aria-label={`${field.label}: five parts`}
              classNames={{ input: "mono" }}
              value={text}
              disabled={disabled}
              spellCheck={false}
              autoComplete="off"
              placeholder="0 9 * * MON-FRI"
              error={text && "wrong" in read ? read.wrong : false}
              onChange={(event) => onChange(event.currentTarget.value || undefined)}
            />
          ) : plan ? (
            <Details plan={plan} label={field.label} disabled={disabled} onChange={(next) => onChange(toCron(next))} />
          ) : null}
          {text ? <Next text={text} /> : null}
        </div>
      )}
    </Labelled>
  );
}
