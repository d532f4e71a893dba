/** One row: a field, how it is compared, with what. */

import { Autocomplete, NativeSelect, TagsInput, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { Json } from "@/graph/document";
import { fieldName, type Leaf, LISTS, OP_WORDS, OPS, type Op, UNARY } from "@/graph/rules";
import { useVariables, type Variable } from "../data";
import { useWhere } from "./context";

interface Props {
  rule: Leaf;
  disabled: boolean;
  onChange: (rule: Leaf) => void;
  onRemove?: (() => void) | undefined;
}

const PATH = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/;

/** "Employees" for a trait; the whole path for everything else, which a short name would not tell apart. */
function shown(path: string): string {
  return path.startsWith("customer.traits.") ? fieldName(path) : path;
}

/** A typed name that is no path is a trait's. */
function pathOf(text: string, variables: readonly Variable[]): string {
  const known = variables.find(({ path }) => shown(path) === text || path === text);
  if (known) return known.path;
  if (PATH.test(text)) return text;
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return plain ? `customer.traits.${plain}` : "";
}

/** A number or a truth value is meant as one; text in quotes stays text. */
export function typedValue(text: string): Json {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  return text.replace(/^"(.*)"$/, "$1");
}

function textOf(value: Json | undefined): string {
  return value === undefined || value === null ? "" : String(value);
}

export function RuleRow({ rule, disabled, onChange, onRemove }: Props) {
  const { flow, node } = useWhere();
  const { data: variables = [] } = useVariables(flow, node.id);
  const [field, setField] = useState<string | null>(null);
  const [text, setText] = useState<string | null>(null);
  const setOp = (op: Op) => {
    if (UNARY.has(op)) onChange({ field: rule.field, op });
    else if (LISTS.has(op))
      onChange({
        ...rule,
        op,
        value: Array.isArray(rule.value) ? rule.value : textOf(rule.value) ? [rule.value as Json] : [],
      });
    else onChange({ ...rule, op, value: Array.isArray(rule.value) ? (rule.value[0] ?? "") : (rule.value ?? "") });
  };
  return (
    <div className={`rule${LISTS.has(rule.op) ? " wide" : ""}`} data-testid="rule">
      <Autocomplete
        aria-label="Field"
        placeholder="Trait"
        data={[...new Set(variables.map(({ path }) => shown(path)))]}
        value={field ?? shown(rule.field)}
        limit={40}
        disabled={disabled}
        comboboxProps={{ width: 240, position: "bottom-start" }}
        onFocus={() => setField(shown(rule.field))}
        onChange={(next) => {
          setField(next);
          onChange({ ...rule, field: pathOf(next, variables) });
        }}
        onBlur={() => setField(null)}
      />
      <NativeSelect
        aria-label="Comparison"
        data={OPS.map((op) => ({ value: op, label: OP_WORDS[op] }))}
        value={rule.op}
        disabled={disabled}
        onChange={(event) => setOp(event.currentTarget.value as Op)}
      />
      {UNARY.has(rule.op) ? (
        <span />
      ) : LISTS.has(rule.op) ? (
        <TagsInput
          aria-label="Values"
          placeholder={Array.isArray(rule.value) && rule.value.length ? "" : "value, Enter"}
          value={(Array.isArray(rule.value) ? rule.value : []).map(String)}
          disabled={disabled}
          onChange={(values) => onChange({ ...rule, value: values.map(typedValue) })}
        />
      ) : (
        <TextInput
          aria-label="Value"
          placeholder="value"
          value={text ?? textOf(rule.value)}
          disabled={disabled}
          onFocus={() => setText(textOf(rule.value))}
          onChange={(event) => {
            setText(event.currentTarget.value);
            onChange({ ...rule, value: typedValue(event.currentTarget.value) });
          }}
          onBlur={() => setText(null)}
        />
      )}
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
    </div>
  );
}
