/** "2 days": a number and a unit; "1d 6h" typed as it stands; 1.5 days become 1d12h, since the document knows whole numbers. */

import { Select, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { amount, duration, exact, seconds, UNITS, type Unit } from "@/graph/duration";
import type { FieldProps } from "./field";
import { type Ids, Labelled } from "./Labelled";
import { asText } from "./schema";

interface Spoken {
  readonly number: string;
  readonly unit: Unit;
}

function spoken(value: string): Spoken {
  const read = amount(value);
  return read ? { number: String(read.value), unit: read.unit } : { number: value, unit: "d" };
}

/** The text of a number and a unit; what is no number stays as it was typed, so that nothing is lost. */
export function written({ number, unit }: Spoken): string {
  const plain = number.trim().replace(",", ".");
  if (/^\d+$/.test(plain)) return `${plain}${unit}`;
  return /^\d*\.\d+$/.test(plain) ? (exact(Number(plain), unit) ?? plain) : plain;
}

interface InputProps {
  ids: Ids;
  label: string;
  text: string;
  wrong: boolean;
  disabled: boolean;
  onChange: (text: string) => void;
}

export function DurationInput({ ids, label, text, wrong, disabled, onChange }: InputProps) {
  const [shown, setShown] = useState(() => spoken(text));
  useEffect(() => {
    setShown((old) => (written(old) === text ? old : spoken(text)));
  }, [text]);
  const put = (next: Spoken) => {
    setShown(next);
    onChange(written(next));
  };
  const said = written(shown);
  const known = said === "" || seconds(said) !== null;
  const apart = known && said !== "" && !/^\d+$/.test(shown.number.trim());
  return (
    <>
      <div className="duration">
        <TextInput
          id={ids.input}
          aria-describedby={ids.described}
          value={shown.number}
          disabled={disabled}
          autoComplete="off"
          error={known ? wrong : "A number, such as 2, or a text such as 1d 6h; a year at most"}
          onChange={(event) => put({ ...shown, number: event.currentTarget.value })}
        />
        <Select
          aria-label={`Unit of ${label}`}
          data={UNITS.map(({ id, name }) => ({ value: id, label: name }))}
          value={shown.unit}
          disabled={disabled || apart}
          onChange={(unit) => unit && put({ ...shown, unit: unit as Unit })}
        />
      </div>
      {apart ? <p className="said">{duration(said)}</p> : null}
    </>
  );
}

export function DurationField(props: FieldProps) {
  const { field, value, issue, disabled, onChange } = props;
  return (
    <Labelled {...props}>
      {(ids) => (
        <DurationInput
          ids={ids}
          label={field.label}
          text={asText(value ?? field.schema.default ?? undefined)}
          wrong={Boolean(issue)}
          disabled={disabled}
          onChange={(text) => onChange(text || undefined)}
        />
      )}
    </Labelled>
  );
}

/** "-2h" is two hours before, "2h" after, "0s" the moment itself. */
export function SignedDurationField(props: FieldProps) {
  const { field, value, issue, disabled, onChange } = props;
  const text = asText(value ?? field.schema.default ?? undefined);
  const size = text.replace(/^[+-]/, "");
  const none = size === "" || seconds(size) === 0;
  const [way, setWay] = useState<"before" | "at" | "after">(none ? "at" : text.startsWith("-") ? "before" : "after");
  const put = (next: typeof way, amounts: string) => {
    setWay(next);
    if (next === "at") onChange(field.required ? "0s" : undefined);
    else if (amounts === "") onChange(undefined);
    else onChange(`${next === "before" ? "-" : ""}${amounts}`);
  };
  return (
    <Labelled {...props}>
      {(ids) => (
        <div className="signed">
          <Select
            aria-label={`${field.label}: before or after`}
            data={[
              { value: "before", label: "before" },
              { value: "at", label: "exactly at" },
              { value: "after", label: "after" },
            ]}
            value={way}
            disabled={disabled}
            onChange={(next) => next && put(next as typeof way, none ? "1d" : size)}
          />
          {way === "at" ? null : (
            <DurationInput
              ids={ids}
              label={field.label}
              text={size}
              wrong={Boolean(issue)}
              disabled={disabled}
              onChange={(next) => put(way, next)}
            />
          )}
        </div>
      )}
    </Labelled>
  );
}
