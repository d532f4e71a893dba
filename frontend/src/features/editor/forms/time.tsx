/** Fields about the time of day and the week: a time, days, a window. */

import { IconPlus, IconX } from "@tabler/icons-react";
import { type Day, readClock, sortedDays, windowWords } from "@/graph/clock";
import { isRecord, type Json } from "@/graph/document";
import { ClockInput } from "./ClockInput";
import { DayPicker } from "./DayPicker";
import type { FieldProps } from "./field";
import { placeholderOf } from "./field";
import { Labelled } from "./Labelled";
import { asText } from "./schema";

export function ClockField(props: FieldProps) {
  const { field, value, issue, disabled, onChange } = props;
  return (
    <Labelled {...props}>
      {(ids) => (
        <ClockInput
          id={ids.input}
          describedBy={ids.described}
          value={asText(value ?? field.schema.default ?? undefined)}
          disabled={disabled}
          wrong={Boolean(issue)}
          placeholder={placeholderOf(field)}
          onChange={(next) => onChange(next || undefined)}
        />
      )}
    </Labelled>
  );
}

function daysOf(value: Json | undefined): Day[] {
  return Array.isArray(value) ? sortedDays(value) : [];
}

export function WeekdaysField(props: FieldProps) {
  const { field, value, disabled, onChange } = props;
  return (
    <Labelled {...props} group>
      {(ids) => (
        <DayPicker
          labelledBy={ids.label}
          value={daysOf(value ?? field.schema.default)}
          disabled={disabled}
          onChange={(days) => onChange(days.length || field.required ? days : undefined)}
        />
      )}
    </Labelled>
  );
}

interface Window {
  readonly from: string;
  readonly to: string;
  readonly days: readonly Day[];
}

function windowOf(value: Json | undefined): Window | null {
  if (!isRecord(value)) return null;
  return { from: asText(value.from as Json), to: asText(value.to as Json), days: daysOf(value.days as Json) };
}

/** `{from, to, days?}`: no days means every day. Kept elsewhere too (quiet hours), so it stands without a field. */
export function WindowInput({
  value,
  label,
  disabled,
  removable = true,
  onChange,
}: {
  value: Json | undefined;
  label: string;
  disabled: boolean;
  removable?: boolean;
  onChange: (value: Json | undefined) => void;
}) {
  const known = windowOf(value);
  if (!known)
    return (
      <button
        type="button"
        className="btn btn-line btn-sm"
        disabled={disabled}
        onClick={() => onChange({ from: "09:00", to: "18:00" })}
      >
        <IconPlus className="i i12" /> Set the hours
      </button>
    );
  const put = (part: Partial<Window>) => {
    const next = { ...known, ...part };
    onChange({ from: next.from, to: next.to, ...(next.days.length ? { days: [...next.days] } : {}) });
  };
  const words = windowWords(known.from, known.to, known.days);
  return (
    <div className="window" role="group" aria-label={label}>
      <div className="window-row">
        <ClockInput
          label={`${label}: from`}
          value={known.from}
          disabled={disabled}
          onChange={(from) => put({ from })}
        />
        <span className="t2">until</span>
        <ClockInput label={`${label}: until`} value={known.to} disabled={disabled} onChange={(to) => put({ to })} />
        {removable ? (
          <button
            type="button"
            className="icon-btn tiny"
            aria-label={`Remove ${label.toLowerCase()}`}
            disabled={disabled}
            onClick={() => onChange(undefined)}
          >
            <IconX className="i i12" />
          </button>
        ) : null}
      </div>
      <DayPicker
        label={`${label}: days`}
        value={known.days}
        disabled={disabled}
        onChange={(days) => put({ days: days.length === 7 ? [] : days })}
      />
      {words && readClock(known.from) && readClock(known.to) ? <p className="said">{words}.</p> : null}
    </div>
  );
}

export function WindowField(props: FieldProps) {
  return (
    <Labelled {...props} group>
      {() => (
        <WindowInput
          value={props.value ?? props.field.schema.default}
          label={props.field.label}
          disabled={props.disabled}
          removable={!props.field.required}
          onChange={props.onChange}
        />
      )}
    </Labelled>
  );
}
