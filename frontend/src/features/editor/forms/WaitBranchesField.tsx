/** What a wait waits for: events and conditions, each with a name and a way of its own. The first that happens wins. */

import { Autocomplete, Switch } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { isRecord, type Json } from "@/graph/document";
import { freshId } from "@/graph/names";
import { useEventNames } from "../data";
import { Leads } from "./CasesField";
import { Condition } from "./Condition";
import type { FieldProps } from "./field";
import { CodeEditor } from "./lazy";

interface Branch {
  readonly id: string;
  readonly name: string;
  readonly event?: string;
  readonly filter?: string;
  readonly when?: Json;
  readonly since_entry?: boolean;
  readonly consume?: boolean;
}

const FRESH_CONDITION: Json = { all: [{ field: "", op: "eq", value: "" }] };

function branchesOf(value: Json | undefined): Branch[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((item) => ({
    ...item,
    id: String(item.id ?? ""),
    name: String(item.name ?? ""),
    ...(item.when === undefined ? { event: String(item.event ?? ""), filter: String(item.filter ?? "") } : {}),
  }));
}

const waitsForCondition = ({ when }: Branch) => when !== undefined;

/** The event of a branch: its name, which of them, and how it counts. */
function EventOf({ branch, at, disabled, onChange }: Omit<Parameters<typeof One>[0], "onRemove">) {
  const { data: names = [] } = useEventNames();
  const [filtering, setFiltering] = useState(Boolean(branch.filter));
  return (
    <>
      <Autocomplete
        aria-label="Event"
        placeholder="Name of the event"
        data={[...names]}
        limit={12}
        value={branch.event ?? ""}
        disabled={disabled}
        onChange={(event) => onChange({ ...branch, event })}
      />
      {filtering ? (
        <Suspense fallback={<div className="code-editor" />}>
          <CodeEditor
            kind="cel"
            value={branch.filter ?? ""}
            label={`Filter of branch ${at + 1}`}
            disabled={disabled}
            placeholder='event.properties.plan == "Team"'
            onChange={(filter) => onChange({ ...branch, filter })}
          />
        </Suspense>
      ) : (
        <button type="button" className="btn btn-quiet btn-sm" disabled={disabled} onClick={() => setFiltering(true)}>
          <IconPlus className="i i12" /> Only some of them
        </button>
      )}
      <Switch
        size="xs"
        label="Also those since the customer entered"
        checked={branch.since_entry ?? false}
        disabled={disabled}
        onChange={({ currentTarget: { checked } }) => onChange(withFlag(branch, "since_entry", checked))}
      />
      <Switch
        size="xs"
        label="Each event ends one wait only, the oldest"
        checked={branch.consume ?? false}
        disabled={disabled}
        onChange={({ currentTarget: { checked } }) => onChange(withFlag(branch, "consume", checked))}
      />
    </>
  );
}

function withFlag(branch: Branch, flag: "since_entry" | "consume", on: boolean): Branch {
  const { [flag]: _, ...rest } = branch;
  return on ? { ...rest, [flag]: true } : rest;
}

function One({
  branch,
  at,
  disabled,
  onChange,
  onRemove,
}: {
  branch: Branch;
  at: number;
  disabled: boolean;
  onChange: (branch: Branch) => void;
  onRemove?: (() => void) | undefined;
}) {
  const condition = waitsForCondition(branch);
  return (
    <section className="case" data-testid={`wait-branch-${branch.id}`}>
      <div className="row">
        <span className="ord">{at + 1}</span>
        <input
          className="case-name"
          aria-label={`Name of branch ${at + 1}`}
          placeholder={branch.event || (condition ? `Condition ${at + 1}` : `Branch ${at + 1}`)}
          value={branch.name}
          disabled={disabled}
          maxLength={80}
          onChange={(event) => onChange({ ...branch, name: event.currentTarget.value })}
        />
        <Leads port={branch.id} />
        {onRemove ? (
          <button
            type="button"
            className="icon-btn sm"
            aria-label={`Remove branch ${at + 1}`}
            disabled={disabled}
            onClick={onRemove}
          >
            <IconX className="i i12" />
          </button>
        ) : (
          <span className="case-gap" />
        )}
      </div>
      <div className="rules">
        {condition ? (
          <>
            <Condition
              value={branch.when as Json}
              disabled={disabled}
              label={`Condition of branch ${at + 1}`}
              onChange={(when) => onChange({ id: branch.id, name: branch.name, when })}
            />
            <p className="said">Judged on arrival, and again when a trait that it reads changes.</p>
          </>
        ) : (
          <EventOf branch={branch} at={at} disabled={disabled} onChange={onChange} />
        )}
      </div>
    </section>
  );
}

export function WaitBranchesField({ field, value, issue, disabled, onChange }: FieldProps) {
  const branches = branchesOf(value);
  const put = (list: readonly Branch[]) => onChange(list.map((item) => ({ ...item })) as Json);
  return (
    <div className="stack" role="group" aria-label={field.label}>
      {branches.map((branch, at) => (
        <One
          key={branch.id}
          branch={branch}
          at={at}
          disabled={disabled}
          onChange={(next) => put(branches.map((item, index) => (index === at ? next : item)))}
          onRemove={branches.length > 1 ? () => put(branches.filter((_, index) => index !== at)) : undefined}
        />
      ))}
      <section className="case">
        <div className="row">
          <span className="ord">…</span>
          <span className="strong cut">Timeout</span>
          <Leads port="timeout" />
          <span className="case-gap" />
        </div>
      </section>
      {issue ? (
        <p className="wrong" role="alert">
          {issue.message} {issue.fix}
        </p>
      ) : null}
      <div className="row">
        <button
          type="button"
          className="btn btn-line"
          disabled={disabled}
          onClick={() => put([...branches, { ...fresh(branches), event: "", filter: "" }])}
        >
          <IconPlus className="i i14" /> Another event
        </button>
        <button
          type="button"
          className="btn btn-line"
          disabled={disabled}
          onClick={() => put([...branches, { ...fresh(branches), when: FRESH_CONDITION }])}
        >
          <IconPlus className="i i14" /> A condition
        </button>
      </div>
    </div>
  );
}

function fresh(branches: readonly Branch[]) {
  return { id: freshId(`branch_${branches.length + 1}`, new Set(branches.map(({ id }) => id))), name: "" };
}
