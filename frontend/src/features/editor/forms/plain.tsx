/** The plain fields: texts, numbers, choices, switches. */

import {
  Autocomplete,
  NumberInput,
  PasswordInput,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useEventNames } from "../data";
import { common, type FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { asText } from "./schema";

const shown = ({ field, value }: FieldProps) => asText(value ?? field.schema.default ?? undefined);

export function TextField(props: FieldProps) {
  return (
    <Labelled {...props}>
      {(ids) => (
        <TextInput
          {...common(props, ids)}
          value={shown(props)}
          onChange={(event) => props.onChange(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
      )}
    </Labelled>
  );
}

export function TextareaField(props: FieldProps) {
  return (
    <Labelled {...props}>
      {(ids) => (
        <Textarea
          {...common(props, ids)}
          autosize
          minRows={3}
          maxRows={14}
          value={shown(props)}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

export function PasswordField(props: FieldProps) {
  return (
    <Labelled {...props}>
      {(ids) => (
        <PasswordInput
          {...common(props, ids)}
          autoComplete="new-password"
          value={shown(props)}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

/** A switch carries its label itself. */
export function SwitchField({ field, value, issue, disabled, onChange }: FieldProps) {
  return (
    <div>
      <Switch
        label={field.label}
        description={field.help || undefined}
        disabled={disabled}
        checked={Boolean(value ?? field.schema.default)}
        onChange={(event) => onChange(event.currentTarget.checked)}
        size="xs"
      />
      {issue ? (
        <p className="wrong" role="alert">
          {issue.message} {issue.fix}
        </p>
      ) : null}
    </div>
  );
}

function numberOf({ field, value }: FieldProps): number | "" {
  const known = value ?? field.schema.default;
  return typeof known === "number" ? known : "";
}

export function NumberField(props: FieldProps) {
  const { schema } = props.field;
  return (
    <Labelled {...props}>
      {(ids) => (
        <NumberInput
          {...common(props, ids)}
          value={numberOf(props)}
          min={schema.minimum}
          max={schema.maximum}
          allowDecimal={schema.type !== "integer"}
          clampBehavior="none"
          onChange={(next) => props.onChange(typeof next === "number" ? next : next === "" ? undefined : Number(next))}
        />
      )}
    </Labelled>
  );
}

/** An amount of money, in the currency of prices. */
export function MoneyField(props: FieldProps) {
  const { schema } = props.field;
  return (
    <Labelled {...props}>
      {(ids) => (
        <NumberInput
          {...common(props, ids)}
          placeholder={common(props, ids).placeholder ?? "0.00"}
          value={numberOf(props)}
          min={schema.minimum ?? 0}
          max={schema.maximum}
          prefix="$"
          thousandSeparator=","
          decimalScale={6}
          step={0.01}
          inputMode="decimal"
          clampBehavior="none"
          allowNegative={(schema.minimum ?? 0) < 0}
          onChange={(next) => props.onChange(typeof next === "number" ? next : next === "" ? undefined : Number(next))}
        />
      )}
    </Labelled>
  );
}

export function SelectField(props: FieldProps) {
  const { field, value, onChange } = props;
  const picked = value ?? field.schema.default;
  return (
    <Labelled {...props}>
      {(ids) => (
        <Select
          {...common(props, ids)}
          data={field.options.map(({ value: each, label }) => ({ value: each, label }))}
          value={picked === undefined || picked === null ? null : String(picked)}
          onChange={(next) => onChange(field.options.find((option) => option.value === next)?.json)}
          clearable={!field.required && field.schema.default === undefined}
        />
      )}
    </Labelled>
  );
}

export function EventNameField(props: FieldProps) {
  const { data = [] } = useEventNames();
  return (
    <Labelled {...props}>
      {(ids) => (
        <Autocomplete
          {...common(props, ids)}
          data={[...data]}
          value={asText(props.value)}
          onChange={(value) => props.onChange(value)}
          limit={12}
        />
      )}
    </Labelled>
  );
}

/** Several events, by name. */
export function EventNamesField(props: FieldProps) {
  const { data: names = [] } = useEventNames();
  const picked = Array.isArray(props.value) ? props.value.map(String) : [];
  return (
    <Labelled {...props}>
      {(ids) => (
        <TagsInput
          {...common(props, ids)}
          placeholder={picked.length ? "" : "Name of an event"}
          data={[...names]}
          limit={12}
          value={picked}
          onChange={(next) => props.onChange(next.length ? next : undefined)}
        />
      )}
    </Labelled>
  );
}
