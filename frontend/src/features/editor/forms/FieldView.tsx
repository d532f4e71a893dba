/** One field: its label, its widget, its help, and what is wrong with it. */

import { Autocomplete, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useEventNames } from "../data";
import { CasesField } from "./CasesField";
import { CodeField } from "./CodeField";
import { CredentialField } from "./CredentialField";
import { DurationField } from "./DurationField";
import { common, type FieldProps } from "./field";
import { JsonField } from "./JsonField";
import { KeyValueField } from "./KeyValueField";
import { ObjectField } from "./ObjectField";
import { asText } from "./schema";
import { WaitBranchesField } from "./WaitBranchesField";

function EventNameField(props: FieldProps) {
  const { data = [] } = useEventNames();
  return (
    <Autocomplete
      {...common(props)}
      data={[...data]}
      value={asText(props.value)}
      onChange={(value) => props.onChange(value)}
      limit={12}
    />
  );
}

function SelectField(props: FieldProps) {
  const { field, value, onChange } = props;
  const picked = value ?? field.schema.default;
  return (
    <Select
      {...common(props)}
      data={field.options.map(({ value: each, label }) => ({ value: each, label }))}
      value={picked === undefined || picked === null ? null : String(picked)}
      onChange={(next) => onChange(field.options.find((option) => option.value === next)?.json)}
      clearable={!field.required && field.schema.default === undefined}
    />
  );
}

function ZoneField(props: FieldProps) {
  const zones = Intl.supportedValuesOf("timeZone");
  return (
    <Select
      {...common(props)}
      data={zones}
      searchable
      clearable
      limit={100}
      value={asText(props.value) || null}
      onChange={(next) => props.onChange(next ?? undefined)}
    />
  );
}

function Widget(props: FieldProps) {
  const { field, value, onChange } = props;
  const text = asText(value ?? field.schema.default ?? undefined);
  switch (field.widget) {
    case "cel":
    case "liquid":
    case "liquid-html":
      return <CodeField {...props} />;
    case "cases":
      return <CasesField {...props} />;
    case "wait-branches":
      return <WaitBranchesField {...props} />;
    case "duration":
      return <DurationField {...props} />;
    case "key-value":
    case "traits":
      return <KeyValueField {...props} />;
    case "object":
      return <ObjectField {...props} />;
    case "json":
      return <JsonField {...props} />;
    case "credential":
      return <CredentialField {...props} />;
    case "event-name":
      return <EventNameField {...props} />;
    case "select":
      return <SelectField {...props} />;
    case "timezone":
      return <ZoneField {...props} />;
    case "textarea":
      return (
        <Textarea
          {...common(props)}
          autosize
          minRows={3}
          maxRows={14}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "password":
      return (
        <PasswordInput {...common(props)} value={text} onChange={(event) => onChange(event.currentTarget.value)} />
      );
    case "switch":
      return (
        <Switch
          label={field.label}
          description={field.help || undefined}
          disabled={props.disabled}
          checked={Boolean(value ?? field.schema.default)}
          onChange={(event) => onChange(event.currentTarget.checked)}
          size="xs"
        />
      );
    case "number":
      return (
        <NumberInput
          {...common(props)}
          value={typeof (value ?? field.schema.default) === "number" ? Number(value ?? field.schema.default) : ""}
          min={field.schema.minimum}
          max={field.schema.maximum}
          clampBehavior="none"
          onChange={(next) => onChange(typeof next === "number" ? next : next === "" ? undefined : Number(next))}
        />
      );
    default:
      return (
        <TextInput
          {...common(props)}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
      );
  }
}

export function FieldView(props: FieldProps) {
  return (
    <div data-field={props.field.name} data-testid={`field-${props.field.name}`}>
      <Widget {...props} />
    </div>
  );
}
