/** Rows of a condition: all or any of them, with groups inside. */

import { NativeSelect } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { type Group, isGroup, joinOf, makeGroup, type Rule, rulesOf } from "@/graph/rules";
import { RuleRow } from "./RuleRow";

interface Props {
  group: Group;
  disabled: boolean;
  depth?: number;
  onChange: (group: Group) => void;
  onRemove?: () => void;
  children?: ReactNode;
}

const FRESH: Rule = { field: "", op: "eq", value: "" };

export function RuleGroup({ group, disabled, depth = 0, onChange, onRemove, children }: Props) {
  const join = joinOf(group);
  const rules = rulesOf(group);
  const put = (next: readonly Rule[]) => onChange(makeGroup(join, next));
  const change = (at: number, rule: Rule) => put(rules.map((item, index) => (index === at ? rule : item)));
  const drop = (at: number) => put(rules.filter((_, index) => index !== at));
  return (
    <div className={depth ? "rule-group" : "stack tight"}>
      <div className="h">
        <span className="t2">{depth ? "Where" : "Customers where"}</span>
        {rules.length === 1 ? (
          <span className="t2">this is true</span>
        ) : (
          <>
            <NativeSelect
              size="xs"
              aria-label="All or any"
              data={["all", "any"]}
              value={join}
              disabled={disabled}
              onChange={(event) => onChange(makeGroup(event.currentTarget.value === "any" ? "any" : "all", rules))}
            />
            <span className="t2">of these are true</span>
          </>
        )}
        {onRemove ? (
          <button
            type="button"
            className="icon-btn tiny push"
            aria-label="Remove the group"
            disabled={disabled}
            onClick={onRemove}
          >
            <IconX className="i i12" />
          </button>
        ) : null}
      </div>
      <div className={rules.length > 1 ? "joiner" : "stack tight"}>
        {rules.length > 1 ? <em>{join === "all" ? "and" : "or"}</em> : null}
        {rules.map((rule, at) => {
          // Rows have no id of their own; their place is what they are.
          const key = `${depth}.${at}`;
          return isGroup(rule) ? (
            <RuleGroup
              key={key}
              group={rule}
              depth={depth + 1}
              disabled={disabled}
              onChange={(next) => change(at, next)}
              onRemove={() => drop(at)}
            />
          ) : (
            <RuleRow
              key={key}
              rule={rule}
              disabled={disabled}
              onChange={(next) => change(at, next)}
              onRemove={rules.length > 1 ? () => drop(at) : undefined}
            />
          );
        })}
      </div>
      <div className="row rule-foot">
        <button
          type="button"
          className="btn btn-quiet btn-sm"
          disabled={disabled}
          onClick={() => put([...rules, FRESH])}
          data-testid="add-condition"
        >
          <IconPlus className="i i12" /> Condition
        </button>
        {depth < 2 ? (
          <button
            type="button"
            className="btn btn-quiet btn-sm"
            disabled={disabled}
            onClick={() => put([...rules, makeGroup(join === "all" ? "any" : "all", [FRESH])])}
          >
            <IconPlus className="i i12" /> Group
          </button>
        ) : null}
        {children}
      </div>
    </div>
  );
}
