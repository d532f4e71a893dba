/** Names and values: headers, query parameters, traits. A name in the making is kept here until it is unique. */

import { Autocomplete, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { isRecord, type Json, same } from "@/graph/document";
import { useVariables } from "../data";
import { useWhere } from "./context";
import type { FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { asText } from "./schema";

interface Row {
  readonly key: number;
  readonly name: string;
  readonly value: string;
}

let counter = 0;

function rowsOf(value: Json | undefined): Row[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).map(([name, item]) => ({ key: ++counter, name, value: asText(item as Json) }));
}

/** Text stays text, so that nothing changes under one's hands; numbers, true, false and null typed as such keep their kind. */
function typed(text: string, traits: boolean): Json {
  if (traits && /^(true|false|null|-?\d+(\.\d+)?)$/.test(text.trim())) return JSON.parse(text.trim()) as Json;
  return text;
}

export function KeyValueField({ field, value, issue, disabled, onChange }: FieldProps) {
  const { flow, node } = useWhere();
  const traits = field.widget === "traits";
  const { data: variables = [] } = useVariables(flow, node.id);
  const [rows, setRows] = useState(() => rowsOf(value));
  const told = (list: readonly Row[]) =>
    Object.fromEntries(list.filter((row) => row.name).map((row) => [row.name, typed(row.value, traits)]));
  const [seen, setSeen] = useState(value);
  if (!same(seen, value)) {
    setSeen(value);
    if (!same(told(rows), value ?? {})) setRows(rowsOf(value));
  }
  const put = (list: readonly Row[]) => {
    setRows([...list]);
    const next = told(list);
    setSeen(next);
    onChange(next);
  };
  const change = (key: number, part: Partial<Row>) =>
    put(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const names = traits
    ? variables.flatMap(({ path }) => (path.startsWith("customer.traits.") ? [path.slice(16)] : []))
    : [];
  const twice = rows.find((row, at) => row.name && rows.some((other, index) => index < at && other.name === row.name));
  return (
    <Labelled field={field} issue={issue} group>
      {({ label }) => (
        <div className="pairs" role="group" aria-labelledby={label}>
          {rows.map((row, at) => (
            <div className="pair" key={row.key}>
              <Autocomplete
                aria-label={`Name ${at + 1}`}
                placeholder={traits ? "trait" : "name"}
                data={names}
                limit={8}
                value={row.name}
                disabled={disabled}
                onChange={(name) => change(row.key, { name })}
              />
              <TextInput
                aria-label={`Value of ${row.name || `row ${at + 1}`}`}
                placeholder="value or {{ … }}"
                value={row.value}
                disabled={disabled}
                onChange={(event) => change(row.key, { value: event.currentTarget.value })}
              />
              <button
                type="button"
                className="icon-btn tiny"
                aria-label={`Remove ${row.name || `row ${at + 1}`}`}
                disabled={disabled}
                onClick={() => put(rows.filter((item) => item.key !== row.key))}
              >
                <IconX className="i i12" />
              </button>
            </div>
          ))}
          {twice ? <p className="wrong">{twice.name} stands here twice; only the last one counts.</p> : null}
          <button
            type="button"
            className="btn btn-quiet btn-sm"
            disabled={disabled}
            onClick={() => setRows([...rows, { key: ++counter, name: "", value: "" }])}
            data-testid={`add-${field.name}`}
          >
            <IconPlus className="i i12" /> {traits ? "Trait" : "Row"}
          </button>
        </div>
      )}
    </Labelled>
  );
}
