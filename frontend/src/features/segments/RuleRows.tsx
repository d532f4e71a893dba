/** The rows of a segment: traits, and what customers did or did not do. */

import { NativeSelect } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { get } from "@/api/http";
import { duration, seconds } from "@/graph/duration";
import { LISTS, OP_WORDS, OPS, type Op, UNARY } from "@/graph/rules";
import {
  type DidRow,
  FRESH_DID,
  FRESH_TRAIT,
  isDid,
  type Join,
  type Row,
  type Rule,
  type TraitRow,
  traitName,
  traitPath,
  typed,
} from "./rules";

interface Suggested {
  readonly events: readonly string[];
  readonly traits: readonly string[];
}

function useSuggested() {
  return useQuery({
    queryKey: ["segment-suggestions"],
    queryFn: async ({ signal }): Promise<Suggested> => {
      const answer = await get<{ events?: string[]; variables?: { path?: string }[] }>("variables/", {}, signal);
      const paths = (answer.variables ?? []).map((one) => String(one.path ?? ""));
      return {
        events: answer.events ?? [],
        traits: [...new Set(paths.filter((path) => path.startsWith("customer.traits.")).map(traitName))],
      };
    },
    staleTime: 60_000,
  });
}

interface SuggestingProps {
  label: string;
  placeholder: string;
  list: readonly string[];
  value: string;
  disabled: boolean;
  onChange: (text: string) => void;
}

/** A text with what is known to choose from. */
function Suggesting({ label, placeholder, list, value, disabled, onChange }: SuggestingProps) {
  const id = useId();
  return (
    <>
      <input
        className="field"
        aria-label={label}
        placeholder={placeholder}
        list={id}
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={id}>
        {list.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </>
  );
}

interface RowProps<T extends Row> {
  row: T;
  at: number;
  suggested: readonly string[];
  disabled: boolean;
  onChange: (row: T) => void;
}

function Trait({ row, at, suggested, disabled, onChange }: RowProps<TraitRow>) {
  const value = Array.isArray(row.value) ? row.value.join(", ") : String(row.value ?? "");
  return (
    <>
      <Suggesting
        label={`Trait of rule ${at + 1}`}
        placeholder="Trait"
        list={suggested}
        value={traitName(row.field)}
        disabled={disabled}
        onChange={(text) => onChange({ ...row, field: traitPath(text) })}
      />
      <NativeSelect
        aria-label={`Comparison of rule ${at + 1}`}
        data={OPS.map((op) => ({ value: op, label: OP_WORDS[op] }))}
        value={row.op}
        disabled={disabled}
        onChange={(event) => {
          const op = event.currentTarget.value as Op;
          const list = value.split(",").map((each) => typed(each.trim()));
          if (UNARY.has(op)) onChange({ field: row.field, op });
          else onChange({ ...row, op, value: LISTS.has(op) ? list : typed(value) });
        }}
      />
      {UNARY.has(row.op) ? (
        <span />
      ) : (
        <input
          className="field"
          aria-label={`Value of rule ${at + 1}`}
          placeholder={LISTS.has(row.op) ? "one, another" : "value"}
          value={value}
          disabled={disabled}
          onChange={({ currentTarget: { value: text } }) =>
            onChange({
              ...row,
              value: LISTS.has(row.op) ? text.split(",").map((each) => typed(each.trim())) : typed(text),
            })
          }
        />
      )}
    </>
  );
}

function Did({ row, at, suggested, disabled, onChange }: RowProps<DidRow>) {
  return (
    <>
      <NativeSelect
        aria-label={`Did or did not, rule ${at + 1}`}
        data={[
          { value: "did", label: "did" },
          { value: "did_not", label: "did not do" },
        ]}
        value={row.op}
        disabled={disabled}
        onChange={(event) => onChange({ ...row, op: event.currentTarget.value === "did_not" ? "did_not" : "did" })}
      />
      <Suggesting
        label={`Event of rule ${at + 1}`}
        placeholder="Event"
        list={suggested}
        value={row.event}
        disabled={disabled}
        onChange={(event) => onChange({ ...row, event })}
      />
      <div className="sg-count">
        <span className="t2">at least</span>
        <input
          className="field"
          type="number"
          aria-label={`How often, rule ${at + 1}`}
          value={row.times}
          min={1}
          max={100}
          disabled={disabled}
          onChange={({ currentTarget }) => onChange({ ...row, times: Math.round(currentTarget.valueAsNumber) || 1 })}
        />
        <span className="t2">{row.times === 1 ? "time in" : "times in"}</span>
        <input
          className="field"
          aria-label={`Within how long, rule ${at + 1}`}
          title={duration(row.within)}
          value={row.within}
          aria-invalid={seconds(row.within) === null}
          disabled={disabled}
          onChange={(event) => onChange({ ...row, within: event.currentTarget.value })}
        />
      </div>
    </>
  );
}

export function RuleRows({ rule, disabled, onChange }: { rule: Rule; disabled: boolean; onChange: (r: Rule) => void }) {
  const { data } = useSuggested();
  const { join, rows } = rule;
  const put = (next: readonly Row[]) => onChange({ join, rows: next });
  const change = (at: number, row: Row) => put(rows.map((each, index) => (index === at ? row : each)));
  return (
    <div className="stack tight">
      <div className="row">
        <span className="t2">Customers for whom</span>
        <NativeSelect
          aria-label="All or any"
          data={["all", "any"]}
          value={join}
          disabled={disabled}
          onChange={(event) => onChange({ join: event.currentTarget.value as Join, rows })}
        />
        <span className="t2">of these are true</span>
      </div>
      {rows.map((row, at) => {
        // Rows have no id of their own; their place is what they are.
        const key = `${at}`;
        return (
          <div key={key} className={`sg-rule${isDid(row) ? " did" : ""}`} data-testid="segment-rule">
            {isDid(row) ? (
              <Did
                row={row}
                at={at}
                suggested={data?.events ?? []}
                disabled={disabled}
                onChange={(next) => change(at, next)}
              />
            ) : (
              <Trait
                row={row}
                at={at}
                suggested={data?.traits ?? []}
                disabled={disabled}
                onChange={(next) => change(at, next)}
              />
            )}
            <button
              type="button"
              className="icon-btn sm"
              aria-label={`Remove rule ${at + 1}`}
              disabled={disabled || rows.length === 1}
              onClick={() => put(rows.filter((_, index) => index !== at))}
            >
              <IconX className="i i12" />
            </button>
          </div>
        );
      })}
      <div className="row">
        <button type="button" className="btn btn-line" disabled={disabled} onClick={() => put([...rows, FRESH_TRAIT])}>
          <IconPlus className="i i14" /> A trait
        </button>
        <button type="button" className="btn btn-line" disabled={disabled} onClick={() => put([...rows, FRESH_DID])}>
          <IconPlus className="i i14" /> What they did
        </button>
      </div>
    </div>
  );
}
