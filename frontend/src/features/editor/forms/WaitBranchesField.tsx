/** What a wait waits for: events, each with a name and a way of its own. The first that happens wins. */

import { Autocomplete } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { isRecord, type Json } from "@/graph/document";
import { freshId } from "@/graph/names";
import { useEventNames } from "../data";
import { Leads } from "./CasesField";
import type { FieldProps } from "./field";
import { CodeEditor } from "./lazy";

interface Branch {
  readonly id: string;
  readonly name: string;
  readonly event: string;
  readonly filter: string;
}

function branchesOf(value: Json | undefined): Branch[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((item) => ({
    ...item,
    id: String(item.id ?? ""),
    name: String(item.name ?? ""),
    event: String(item.event ?? ""),
    filter: String(item.filter ?? ""),
  }));
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
  onChange: (part: Partial<Branch>) => void;
  onRemove?: (() => void) | undefined;
}) {
  const { data: names = [] } = useEventNames();
  const [filtering, setFiltering] = useState(branch.filter !== "");
  return (
    <section className="case" data-testid={`wait-branch-${branch.id}`}>
      <div className="row">
        <span className="ord">{at + 1}</span>
        <input
          className="case-name"
          aria-label={`Name of branch ${at + 1}`}
          placeholder={branch.event || `Branch ${at + 1}`}
          value={branch.name}
          disabled={disabled}
          maxLength={80}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
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
        <Autocomplete
          aria-label="Event"
          placeholder="Name of the event"
          data={[...names]}
          limit={12}
          value={branch.event}
          disabled={disabled}
          onChange={(event) => onChange({ event })}
        />
        {filtering ? (
          <Suspense fallback={<div className="code-editor" />}>
            <CodeEditor
              kind="cel"
              value={branch.filter}
              label={`Filter of branch ${at + 1}`}
              disabled={disabled}
              placeholder='event.properties.plan == "Team"'
              onChange={(filter) => onChange({ filter })}
            />
          </Suspense>
        ) : (
          <button type="button" className="btn btn-quiet btn-sm" disabled={disabled} onClick={() => setFiltering(true)}>
            <IconPlus className="i i12" /> Only some of them
          </button>
        )}
      </div>
    </section>
  );
}

export function WaitBranchesField({ field, value, issue, disabled, onChange }: FieldProps) {
  const branches = branchesOf(value);
  const put = (list: readonly Branch[]) => onChange(list.map((item) => ({ ...item })));
  return (
    <div className="stack" role="group" aria-label={field.label}>
      {branches.map((branch, at) => (
        <One
          key={branch.id}
          branch={branch}
          at={at}
          disabled={disabled}
          onChange={(part) => put(branches.map((item, index) => (index === at ? { ...item, ...part } : item)))}
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
      <button
        type="button"
        className="btn btn-line"
        disabled={disabled}
        onClick={() =>
          put([
            ...branches,
            {
              id: freshId(`branch_${branches.length + 1}`, new Set(branches.map(({ id }) => id))),
              name: "",
              event: "",
              filter: "",
            },
          ])
        }
      >
        <IconPlus className="i i14" /> Another event
      </button>
    </div>
  );
}
