/** Exits and goals: an event, perhaps only some of them, or a condition; what it must share with the entry. */

import { Autocomplete, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { Issue } from "@/graph/check";
import { isRecord, type Json } from "@/graph/document";
import { freshId } from "@/graph/names";
import { useEventNames } from "../../data";
import { Condition } from "../../forms/Condition";
import { DurationField } from "../../forms/DurationField";
import type { FieldProps } from "../../forms/field";
import { type Field, fieldsOf, resolve } from "../../forms/schema";

type Row = { readonly [key: string]: Json };

function rowsOf(value: Json | undefined): Row[] {
  return (Array.isArray(value) ? value : []).filter(isRecord) as Row[];
}

/** The row with one part set; what is emptied leaves the document. */
function withPart(row: Row, name: string, value: Json | undefined): Row {
  const { [name]: _, ...rest } = row;
  return value === undefined || value === null || value === "" ? rest : { ...rest, [name]: value };
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

const WORDS = {
  exits: { one: "exit", all: "Exits", empty: "Bought already", kind: "exit" },
  goals: { one: "goal", all: "Goals", empty: "First purchase", kind: "goal" },
} as const;

interface OneProps {
  row: Row;
  at: number;
  word: string;
  hint: string;
  fields: readonly Field[];
  issue: Issue | undefined;
  disabled: boolean;
  onChange: (row: Row) => void;
  onRemove: () => void;
}

function One({ row, at, word, hint, fields, issue, disabled, onChange, onRemove }: OneProps) {
  const { data: names = [] } = useEventNames();
  const [narrowed, setNarrowed] = useState(Boolean(row.when));
  const [compared, setCompared] = useState(Boolean(row.same));
  const onEvent = text(row.event) !== "";
  const [byEvent, setByEvent] = useState(onEvent || !row.when);
  const put = (name: string, value: Json | undefined) => onChange(withPart(row, name, value));
  const mode = fields.find((field) => field.name === "mode");
  const window = fields.find((field) => field.name === "window");
  return (
    <section className="case" data-testid={`${word}-${String(row.id)}`}>
      <div className="row">
        <span className="ord">{at + 1}</span>
        <input
          className="case-name"
          aria-label={`Name of ${word} ${at + 1}`}
          placeholder={text(row.event) || hint}
          value={text(row.name)}
          disabled={disabled}
          maxLength={120}
          onChange={(event) => put("name", event.currentTarget.value)}
        />
        <button
          type="button"
          className="icon-btn sm"
          aria-label={`Remove ${word} ${at + 1}`}
          disabled={disabled}
          onClick={onRemove}
        >
          <IconX className="i i12" />
        </button>
      </div>
      <div className="rules">
        <div className="seg" role="radiogroup" aria-label={`What makes ${word} ${at + 1}`}>
          <button
            type="button"
            role="radio"
            aria-checked={byEvent}
            disabled={disabled}
            onClick={() => setByEvent(true)}
          >
            An event
          </button>
          <button
            type="button"
            role="radio"
            aria-checked={!byEvent}
            disabled={disabled}
            onClick={() => {
              setByEvent(false);
              setNarrowed(true);
              onChange(withPart(withPart(row, "event", undefined), "same", undefined));
            }}
          >
            A condition
          </button>
        </div>
        {byEvent ? (
          <Autocomplete
            aria-label={`Event of ${word} ${at + 1}`}
            placeholder="Name of the event"
            data={[...names]}
            limit={12}
            value={text(row.event)}
            disabled={disabled}
            onChange={(event) => put("event", event)}
          />
        ) : null}
        {narrowed || !byEvent ? (
          <Condition
            label={`Condition of ${word} ${at + 1}`}
            value={row.when ?? ""}
            disabled={disabled}
            onChange={(when) => put("when", when)}
          />
        ) : null}
        {byEvent && compared ? (
          <TextInput
            label="Same as when they entered"
            placeholder="event.properties.cart"
            className="mono-input"
            value={text(row.same)}
            disabled={disabled}
            spellCheck={false}
            onChange={(event) => put("same", event.currentTarget.value)}
          />
        ) : null}
        {mode ? (
          <Select
            label={mode.label}
            data={mode.options.map(({ value, label }) => ({ value, label }))}
            value={text(row.mode) || "count"}
            allowDeselect={false}
            disabled={disabled}
            onChange={(next) => put("mode", next === "count" ? undefined : (next ?? undefined))}
          />
        ) : null}
        {window && row.window !== undefined ? (
          <DurationField
            field={window}
            value={row.window}
            disabled={disabled}
            onChange={(next) => put("window", next)}
          />
        ) : null}
        <div className="row rule-more">
          {byEvent && !narrowed ? (
            <button
              type="button"
              className="btn btn-quiet btn-sm"
              disabled={disabled}
              onClick={() => setNarrowed(true)}
            >
              <IconPlus className="i i12" /> Only some of them
            </button>
          ) : null}
          {byEvent && !compared ? (
            <button
              type="button"
              className="btn btn-quiet btn-sm"
              disabled={disabled}
              onClick={() => setCompared(true)}
            >
              <IconPlus className="i i12" /> Same cart or order
            </button>
          ) : null}
          {window && row.window === undefined ? (
            <button
              type="button"
              className="btn btn-quiet btn-sm"
              disabled={disabled}
              onClick={() => put("window", "7d")}
            >
              <IconPlus className="i i12" /> Time of its own
            </button>
          ) : null}
        </div>
        {issue ? (
          <p className="wrong" role="alert">
            {issue.message} {issue.fix}
          </p>
        ) : null}
      </div>
    </section>
  );
}

export function Rules({ field, value, issues, disabled, onChange }: FieldProps & { issues: readonly Issue[] }) {
  const words = WORDS[field.widget === "goals" ? "goals" : "exits"];
  const rows = rowsOf(value);
  const fields = fieldsOf(resolve(field.schema.items ?? {}, field.schema));
  const put = (list: readonly Row[]) => onChange(list.length ? list : undefined);
  const add = () => {
    const taken = new Set(rows.map((row) => String(row.id)));
    put([...rows, { id: freshId(`${words.one}_${rows.length + 1}`, taken), event: "" }]);
  };
  return (
    <div className="stack" role="group" aria-label={words.all}>
      <div>
        <p className="rules-title">{words.all}</p>
        <p className="help">{field.help}</p>
      </div>
      {rows.map((row, at) => (
        <One
          key={String(row.id)}
          row={row}
          at={at}
          word={words.one}
          hint={words.empty}
          fields={fields}
          issue={issues.find(({ field: place }) => `${place}.`.startsWith(`${field.name}.${at}.`))}
          disabled={disabled}
          onChange={(next) => put(rows.map((item, index) => (index === at ? next : item)))}
          onRemove={() => put(rows.filter((_, index) => index !== at))}
        />
      ))}
      <button type="button" className="btn btn-line" disabled={disabled} onClick={add} data-testid={`add-${words.one}`}>
        <IconPlus className="i i12" /> Add {words.one === "exit" ? "an exit" : "a goal"}
      </button>
    </div>
  );
}
