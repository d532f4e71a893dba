/** One row: a field, how it is compared, with what. Comparisons and values follow the field's type and what was seen. */

import { Autocomplete, NativeSelect, TagsInput, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { Json } from "@/graph/document";
import { seconds } from "@/graph/duration";
import { DATES, isDate, type Leaf, LISTS, OP_WORDS, type Op, opsFor, type Rule, SPANS, UNARY } from "@/graph/rules";
import { useVariables, type Variable } from "../data";
import { useWhere } from "./context";
import { choices, pathOf, shown } from "./names";

interface Props {
  rule: Leaf;
  disabled: boolean;
  onChange: (rule: Rule) => void;
  onRemove?: (() => void) | undefined;
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

/** The row with another comparison; its value is kept where it can be one there. */
function withOp(rule: Leaf, op: Op): Leaf {
  if (UNARY.has(op)) return { field: rule.field, op };
  const first = Array.isArray(rule.value) ? (rule.value[0] ?? "") : (rule.value ?? "");
  if (LISTS.has(op))
    return { ...rule, op, value: Array.isArray(rule.value) ? rule.value : first === "" ? [] : [first] };
  if (SPANS.has(op)) return { ...rule, op, value: seconds(String(first)) === null ? "30d" : first };
  if (DATES.has(op)) return { ...rule, op, value: isDate(String(first)) ? first : "" };
  return { ...rule, op, value: SPANS.has(rule.op) ? "" : first };
}

/** The row about another field: a comparison that its type does not have gives way to the type's first. */
function withField(rule: Leaf, field: string, variables: readonly Variable[]): Leaf {
  const type = variables.find(({ path }) => path === field)?.type ?? "";
  const ops = opsFor(type);
  return ops.includes(rule.op) ? { ...rule, field } : withOp({ ...rule, field }, ops[0] ?? "eq");
}

/** What is odd about a value for its field's type; nothing is forbidden, since types are only what was seen. */
function oddness(rule: Leaf, type: string): string {
  const { op, value } = rule;
  if (UNARY.has(op) || LISTS.has(op) || value === "" || value === undefined) return "";
  if (SPANS.has(op)) return seconds(String(value)) === null ? "A time such as 30d or 12h" : "";
  if (DATES.has(op)) return isDate(String(value)) ? "" : "A date such as 2026-12-31";
  return type === "number" && typeof value !== "number" ? "It has been a number so far" : "";
}

function Value({ rule, known, disabled, onChange }: Props & { known: Variable | undefined }) {
  const [text, setText] = useState<string | null>(null);
  const seen = known?.values ?? [];
  if (UNARY.has(rule.op)) return <span />;
  if (LISTS.has(rule.op))
    return (
      <TagsInput
        aria-label="Values"
        placeholder={Array.isArray(rule.value) && rule.value.length ? "" : "value, Enter"}
        data={[...seen]}
        value={(Array.isArray(rule.value) ? rule.value : []).map(String)}
        disabled={disabled}
        onChange={(values) => onChange({ ...rule, value: values.map(typedValue) })}
      />
    );
  const plain = DATES.has(rule.op) || SPANS.has(rule.op);
  const typed = {
    "aria-label": "Value",
    placeholder: SPANS.has(rule.op) ? "30d" : DATES.has(rule.op) ? "2026-12-31" : seen[0] ? `e.g. ${seen[0]}` : "value",
    value: text ?? textOf(rule.value),
    disabled,
    error: Boolean(oddness(rule, known?.type ?? "")),
    onFocus: () => setText(textOf(rule.value)),
    onBlur: () => setText(null),
  };
  const put = (next: string) => {
    setText(next);
    onChange({ ...rule, value: plain ? next.trim() : typedValue(next) });
  };
  if (plain || known?.type === "number" || seen.length === 0)
    return <TextInput {...typed} onChange={(event) => put(event.currentTarget.value)} />;
  return (
    <Autocomplete {...typed} data={[...seen]} comboboxProps={{ width: 200, position: "bottom-end" }} onChange={put} />
  );
}

export function RuleRow(props: Props) {
  const { rule, disabled, onChange, onRemove } = props;
  const { flow, node } = useWhere();
  const { data: variables = [] } = useVariables(flow, node.id);
  const [field, setField] = useState<string | null>(null);
  const known = variables.find(({ path }) => path === rule.field);
  const ops = opsFor(known?.type ?? "");
  const odd = oddness(rule, known?.type ?? "");
  const byName = new Map(variables.map((each) => [shown(each.path, variables), each]));
  return (
    <div className={`rule${LISTS.has(rule.op) ? " wide" : ""}`} data-testid="rule">
      <Autocomplete
        aria-label="Field"
        placeholder="Trait"
        title={rule.field || undefined}
        data={choices(variables)}
        value={field ?? shown(rule.field, variables)}
        limit={60}
        disabled={disabled}
        comboboxProps={{ width: 300, position: "bottom-start" }}
        renderOption={({ option }) => {
          const each = byName.get(option.value);
          return (
            <span className="zone-option">
              <span className="cut">{option.value}</span>
              <span className="t3 cut">{each?.values[0] ?? each?.sample ?? ""}</span>
              <span className="t3 kind">{each?.type}</span>
            </span>
          );
        }}
        onFocus={() => setField(shown(rule.field, variables))}
        onChange={(next) => {
          setField(next);
          onChange(withField(rule, pathOf(next, variables), variables));
        }}
        onBlur={() => setField(null)}
      />
      <NativeSelect
        aria-label="Comparison"
        data={[...new Set([...ops, rule.op])].map((op) => ({ value: op, label: OP_WORDS[op] }))}
        value={rule.op}
        disabled={disabled}
        onChange={(event) => onChange(withOp(rule, event.currentTarget.value as Op))}
      />
      <Value {...props} known={known} />
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
      {odd ? <p className="odd">{odd}.</p> : null}
    </div>
  );
}
