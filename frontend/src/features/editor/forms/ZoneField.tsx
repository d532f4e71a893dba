/** A time zone, with what the clock shows there now. */

import { Select } from "@mantine/core";
import { useMemo } from "react";
import { isZone, offsetWords, timeIn } from "@/graph/zone";
import { common, type FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { asText } from "./schema";
import { useNow } from "./useNow";

/** Every zone of the browser; UTC and the viewer's own first. */
export function allZones(): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set(["UTC", own, ...Intl.supportedValuesOf("timeZone")])].filter(Boolean);
}

interface PickerProps {
  id?: string;
  describedBy?: string;
  label?: string;
  value: string;
  disabled: boolean;
  wrong?: boolean;
  placeholder?: string | undefined;
  clearable?: boolean;
  onChange: (zone: string | null) => void;
}

/** The list of zones by itself, for forms that are not made from a schema. */
export function ZonePicker(props: PickerProps) {
  const now = useNow();
  const zones = useMemo(allZones, []);
  const known = isZone(props.value);
  return (
    <>
      <Select
        {...(props.id ? { id: props.id } : {})}
        aria-label={props.label}
        aria-describedby={props.describedBy}
        data={props.value && !zones.includes(props.value) ? [props.value, ...zones] : zones}
        searchable
        clearable={props.clearable ?? true}
        limit={100}
        disabled={props.disabled}
        error={Boolean(props.wrong) || (props.value !== "" && !known ? "Nobody knows this zone" : false)}
        placeholder={props.placeholder}
        nothingFoundMessage="No such zone"
        filter={({ options, search }) => {
          const wanted = search.trim().toLowerCase().replace(/\s+/g, "_");
          return options.filter((option) => "value" in option && option.value.toLowerCase().includes(wanted));
        }}
        renderOption={({ option }) => (
          <span className="zone-option">
            <span className="cut">{option.value.replace(/_/g, " ")}</span>
            <span className="t3">{timeIn(now, option.value)}</span>
          </span>
        )}
        value={props.value || null}
        onChange={props.onChange}
      />
      {known ? (
        <p className="said" data-testid="zone-now">
          It is {timeIn(now, props.value)} there now ({offsetWords(now, props.value)}).
        </p>
      ) : null}
    </>
  );
}

export function ZoneField(props: FieldProps) {
  return (
    <Labelled {...props}>
      {(ids) => (
        <ZonePicker
          id={ids.input}
          describedBy={ids.described}
          value={asText(props.value ?? props.field.schema.default ?? undefined)}
          disabled={props.disabled}
          wrong={Boolean(props.issue)}
          placeholder={common(props, ids).placeholder ?? "The flow's"}
          clearable={!props.field.required}
          onChange={(zone) => props.onChange(zone ?? undefined)}
        />
      )}
    </Labelled>
  );
}
