/** Quiet hours: between which times of day no message goes out, and what becomes of it. */

import { Select, Switch, TextInput } from "@mantine/core";
import { isRecord, type Json } from "@/graph/document";
import { DurationField } from "../../forms/DurationField";
import type { FieldProps } from "../../forms/field";
import { fieldsOf, resolve } from "../../forms/schema";

const DAYS = [
  ["mon", "Mo", "Monday"],
  ["tue", "Tu", "Tuesday"],
  ["wed", "We", "Wednesday"],
  ["thu", "Th", "Thursday"],
  ["fri", "Fr", "Friday"],
  ["sat", "Sa", "Saturday"],
  ["sun", "Su", "Sunday"],
] as const;

const FRESH: Json = { window: { from: "21:00", to: "08:00" }, mode: "hold", max_hold: "24h" };

/** "Between 21:00 and 08:00 the next day" for what two clocks say. */
function overMidnight(from: string, to: string): boolean {
  return Boolean(from && to && from > to);
}

export function Quiet({ field, value, issue, disabled, onChange }: FieldProps) {
  const on = isRecord(value);
  const quiet = (on ? value : {}) as { readonly [key: string]: Json };
  const window = (isRecord(quiet.window) ? quiet.window : {}) as { readonly [key: string]: Json };
  const from = String(window.from ?? "");
  const to = String(window.to ?? "");
  const days = Array.isArray(window.days) ? window.days.map(String) : [];
  const all = days.length === 0;
  const fields = fieldsOf(resolve(field.schema, field.schema), field.schema);
  const mode = fields.find(({ name }) => name === "mode");
  const hold = fields.find(({ name }) => name === "max_hold");
  const put = (part: Record<string, Json>) => onChange({ ...quiet, ...part });
  const toggle = (day: string) => {
    const next = DAYS.map(([id]) => id as string).filter((id) => (id === day) !== (all || days.includes(id)));
    const { days: _, ...times } = window;
    put({ window: next.length === 0 || next.length === DAYS.length ? times : { ...times, days: next } });
  };
  return (
    <div className="stack">
      <Switch
        label="Keep quiet at night"
        description="In each customer's own time zone. Transactional messages go out at any hour."
        size="xs"
        disabled={disabled}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked ? FRESH : undefined)}
        data-testid="quiet-switch"
      />
      {on ? (
        <>
          <div className="pair-fields">
            <TextInput
              type="time"
              label="From"
              value={from}
              disabled={disabled}
              onChange={(event) => put({ window: { ...window, from: event.currentTarget.value } })}
            />
            <TextInput
              type="time"
              label={overMidnight(from, to) ? "To, the next day" : "To"}
              value={to}
              disabled={disabled}
              onChange={(event) => put({ window: { ...window, to: event.currentTarget.value } })}
            />
          </div>
          <fieldset className="weekdays">
            <legend>{overMidnight(from, to) ? "On evenings of" : "On"}</legend>
            {DAYS.map(([id, short, long]) => (
              <button
                key={id}
                type="button"
                className="weekday"
                aria-label={long}
                aria-pressed={all || days.includes(id)}
                disabled={disabled}
                onClick={() => toggle(id)}
              >
                {short}
              </button>
            ))}
          </fieldset>
          {mode ? (
            <Select
              label={mode.label}
              data={mode.options.map(({ value: each, label }) => ({ value: each, label }))}
              value={String(quiet.mode ?? "hold")}
              disabled={disabled}
              allowDeselect={false}
              onChange={(next) => next && put({ mode: next })}
            />
          ) : null}
          {hold && (quiet.mode ?? "hold") === "hold" ? (
            <DurationField
              field={hold}
              value={quiet.max_hold}
              disabled={disabled}
              onChange={(next) => put({ max_hold: next ?? "24h" })}
            />
          ) : null}
        </>
      ) : null}
      {issue ? (
        <p className="wrong" role="alert">
          {issue.message} {issue.fix}
        </p>
      ) : null}
    </div>
  );
}
