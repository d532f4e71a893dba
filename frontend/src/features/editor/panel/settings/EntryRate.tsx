/** "At most 1,000 in 1 hour". */

import { NumberInput, Switch } from "@mantine/core";
import { isRecord, type Json } from "@/graph/document";
import { DurationField } from "../../forms/DurationField";
import type { FieldProps } from "../../forms/field";
import { fieldsOf, resolve } from "../../forms/schema";

export function EntryRate({ field, value, issue, disabled, onChange }: FieldProps) {
  const on = isRecord(value);
  const rate = (on ? value : {}) as { readonly [key: string]: Json };
  const per = fieldsOf(resolve(field.schema, field.schema)).find(({ name }) => name === "per");
  return (
    <div className="stack">
      <Switch
        label="Limit how many enter"
        description="Who comes when the limit is reached does not enter; it is counted on the trigger."
        size="xs"
        disabled={disabled}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked ? { max: 1000, per: "1h" } : undefined)}
      />
      {on ? (
        <div className="pair-fields">
          <NumberInput
            label="At most"
            aria-label="Most entries"
            value={typeof rate.max === "number" ? rate.max : ""}
            min={1}
            thousandSeparator=","
            clampBehavior="none"
            hideControls
            disabled={disabled}
            onChange={(next) => onChange({ ...rate, max: typeof next === "number" ? next : null })}
          />
          {per ? (
            <DurationField
              field={per}
              value={rate.per}
              disabled={disabled}
              onChange={(next) => onChange({ ...rate, per: next ?? "" })}
            />
          ) : null}
        </div>
      ) : null}
      {issue ? (
        <p className="wrong" role="alert">
          {issue.message} {issue.fix}
        </p>
      ) : null}
    </div>
  );
}
