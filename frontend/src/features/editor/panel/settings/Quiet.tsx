/** Quiet hours: between which times of day no message goes out, and what becomes of it. */

import { Select, Switch } from "@mantine/core";
import { isRecord, type Json } from "@/graph/document";
import { DurationField } from "../../forms/DurationField";
import type { FieldProps } from "../../forms/field";
import { fieldsOf, resolve } from "../../forms/schema";
import { WindowInput } from "../../forms/time";

const FRESH: Json = { window: { from: "21:00", to: "08:00" }, mode: "hold", max_hold: "24h" };

export function Quiet({ field, value, issue, disabled, onChange }: FieldProps) {
  const on = isRecord(value);
  const quiet = (on ? value : {}) as { readonly [key: string]: Json };
  const fields = fieldsOf(resolve(field.schema, field.schema), field.schema);
  const mode = fields.find(({ name }) => name === "mode");
  const hold = fields.find(({ name }) => name === "max_hold");
  const put = (part: Record<string, Json>) => onChange({ ...quiet, ...part });
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
          <WindowInput
            label="Quiet hours"
            value={quiet.window}
            disabled={disabled}
            removable={false}
            onChange={(window) => window && put({ window })}
          />
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
