/** One row about what a customer did: how often, which event, in what time. */

import { Autocomplete, NativeSelect, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { seconds } from "@/graph/duration";
import { type Did, type Op, type Rule, TIMES } from "@/graph/rules";
import { useEventNames } from "../data";

interface Props {
  rule: Did;
  disabled: boolean;
  onChange: (rule: Rule) => void;
  onRemove?: (() => void) | undefined;
}

const SPANS = [
  { value: "1d", label: "in 1 day" },
  { value: "7d", label: "in 7 days" },
  { value: "30d", label: "in 30 days" },
  { value: "90d", label: "in 90 days" },
  { value: "365d", label: "in a year" },
  { value: "", label: "ever" },
];

export function DidRow({ rule, disabled, onChange, onRemove }: Props) {
  const { data: names = [] } = useEventNames();
  const never = rule.op === "eq" && rule.value === 0;
  const within = rule.within ?? "";
  const [own, setOwn] = useState(!SPANS.some(({ value }) => value === within));
  const inTime = (text: string) => {
    const { within: _, ...rest } = rule;
    onChange(text ? { ...rest, within: text } : rest);
  };
  return (
    <div className="did" data-testid="did">
      <NativeSelect
        aria-label="Did or did not"
        data={[
          { value: "did", label: "Did" },
          { value: "not", label: "Did not do" },
        ]}
        value={never ? "not" : "did"}
        disabled={disabled}
        onChange={(event) =>
          onChange(
            event.currentTarget.value === "not" ? { ...rule, op: "eq", value: 0 } : { ...rule, op: "gte", value: 1 },
          )
        }
      />
      <Autocomplete
        aria-label="Event"
        placeholder="Event"
        data={[...names]}
        limit={12}
        value={rule.event}
        disabled={disabled}
        onChange={(event) => onChange({ ...rule, event })}
      />
      {onRemove ? (
        <button
          type="button"
          className="icon-btn"
          aria-label="Remove the condition"
          disabled={disabled}
          onClick={onRemove}
        >
          <IconX className="i i12" />
        </button>
      ) : (
        <span />
      )}
      <div className="did-often">
        {never ? null : (
          <>
            <NativeSelect
              aria-label="How often"
              data={Object.entries(TIMES).map(([value, label]) => ({ value, label }))}
              value={rule.op}
              disabled={disabled}
              onChange={(event) => onChange({ ...rule, op: event.currentTarget.value as Op })}
            />
            <TextInput
              aria-label="Times"
              inputMode="numeric"
              value={String(rule.value ?? 1)}
              disabled={disabled}
              error={!/^\d+$/.test(String(rule.value ?? 1))}
              onChange={(event) => {
                const text = event.currentTarget.value.trim();
                onChange({ ...rule, value: /^\d+$/.test(text) ? Number(text) : text });
              }}
            />
            <span className="t2 s12">times</span>
          </>
        )}
        {own ? (
          <TextInput
            aria-label="In what time"
            placeholder="12h"
            value={within}
            disabled={disabled}
            error={seconds(within) === null}
            onChange={(event) => inTime(event.currentTarget.value)}
          />
        ) : (
          <NativeSelect
            aria-label="In what time"
            data={[...SPANS, { value: "own", label: "in …" }]}
            value={within}
            disabled={disabled}
            onChange={(event) => {
              if (event.currentTarget.value === "own") setOwn(true);
              else inTime(event.currentTarget.value);
            }}
          />
        )}
      </div>
    </div>
  );
}
