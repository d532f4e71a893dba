/** "2 days": a number and a unit; what cannot be said so ("1h30m") stays a text. */

import { Select, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { amount, seconds, UNITS, type Unit } from "@/graph/duration";
import type { FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { asText } from "./schema";

function spoken(value: string): { number: string; unit: Unit } {
  const read = amount(value);
  return read ? { number: String(read.value), unit: read.unit } : { number: value, unit: "d" };
}

export function DurationField({ field, value, issue, disabled, onChange }: FieldProps) {
  const text = asText(value ?? field.schema.default ?? undefined);
  const [shown, setShown] = useState(() => spoken(text));
  useEffect(() => {
    setShown((old) => (`${old.number}${old.unit}` === text || old.number === text ? old : spoken(text)));
  }, [text]);
  const put = (number: string, unit: Unit) => {
    setShown({ number, unit });
    const plain = number.trim();
    onChange(plain === "" ? undefined : /^\d+$/.test(plain) ? `${plain}${unit}` : plain);
  };
  const known = shown.number === "" || /^\d+$/.test(shown.number) || seconds(shown.number) !== null;
  return (
    <Labelled field={field} issue={issue}>
      {({ label, described }) => (
        <div className="duration">
          <TextInput
            aria-labelledby={label}
            aria-describedby={described}
            value={shown.number}
            inputMode="numeric"
            disabled={disabled}
            error={known ? undefined : "A whole number, such as 2, or a text such as 1h30m"}
            onChange={(event) => put(event.currentTarget.value, shown.unit)}
          />
          <Select
            aria-label={`Unit of ${field.label}`}
            data={UNITS.map(({ id, name }) => ({ value: id, label: name }))}
            value={shown.unit}
            disabled={disabled}
            onChange={(unit) => unit && put(shown.number, unit as Unit)}
          />
        </div>
      )}
    </Labelled>
  );
}
