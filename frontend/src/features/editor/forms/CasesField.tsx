/** The cases of a branch, in order; the first that matches wins, and everyone else has a way of their own. */

import { Menu } from "@mantine/core";
import { IconArrowNarrowDown, IconChevronRight, IconDotsVertical, IconPlus } from "@tabler/icons-react";
import { isRecord, type Json } from "@/graph/document";
import { freshId } from "@/graph/names";
import { edgeAt, nodeOf } from "@/graph/reach";
import { graphOf, useEditor } from "../store";
import { Condition } from "./Condition";
import { useWhere } from "./context";
import type { FieldProps } from "./field";

interface Case {
  readonly id: string;
  readonly name: string;
  readonly when: Json;
}

function casesOf(value: Json | undefined): Case[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((item) => ({
    ...item,
    id: String(item.id ?? ""),
    name: String(item.name ?? ""),
    when: (item.when ?? "") as Json,
  }));
}

/** Where a port leads, as a chip that goes there. */
export function Leads({ port }: { port: string }) {
  const { node, onShow } = useWhere();
  const target = useEditor((state) => {
    const edge = edgeAt(graphOf(state), node.id, port);
    return edge ? nodeOf(graphOf(state), edge.target) : undefined;
  });
  const fallback = useEditor((state) => (target ? state.catalogue.get(target.type)?.name : "")) ?? "";
  if (!target) return <span className="chip push leads open">leads nowhere yet</span>;
  return (
    <button type="button" className="chip push leads" onClick={() => onShow(target.id)} title="Show it">
      <IconArrowNarrowDown className="i i12" aria-hidden="true" />
      <span className="cut">{target.name || fallback}</span>
    </button>
  );
}

export function CasesField({ value, issue, disabled, onChange }: FieldProps) {
  const cases = casesOf(value);
  const put = (list: readonly Case[]) => onChange(list.map((item) => ({ ...item })));
  const change = (at: number, part: Partial<Case>) =>
    put(cases.map((item, index) => (index === at ? { ...item, ...part } : item)));
  const swap = (a: number, b: number) => {
    const list = [...cases];
    const [left, right] = [list[a], list[b]];
    if (!left || !right) return;
    list[a] = right;
    list[b] = left;
    put(list);
  };
  const addCase = () =>
    put([
      ...cases,
      {
        id: freshId(`case_${cases.length + 1}`, new Set(cases.map(({ id }) => id))),
        name: "",
        when: { all: [{ field: "", op: "eq", value: "" }] },
      },
    ]);
  return (
    <div className="stack" data-testid="cases">
      {cases.map((item, at) => (
        <section className="case" key={item.id} data-testid={`case-${item.id}`}>
          <div className="row">
            <span className="ord" title="The first case that matches wins">
              {at + 1}
            </span>
            <input
              className="case-name"
              aria-label={`Name of case ${at + 1}`}
              placeholder={`Case ${at + 1}`}
              value={item.name}
              disabled={disabled}
              maxLength={80}
              onChange={(event) => change(at, { name: event.currentTarget.value })}
            />
            <Leads port={item.id} />
            <Menu width={160}>
              <Menu.Target>
                <button type="button" className="icon-btn sm" aria-label={`Case ${at + 1} menu`} disabled={disabled}>
                  <IconDotsVertical className="i i14" />
                </button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item disabled={at === 0} onClick={() => swap(at, at - 1)}>
                  Move up
                </Menu.Item>
                <Menu.Item disabled={at === cases.length - 1} onClick={() => swap(at, at + 1)}>
                  Move down
                </Menu.Item>
                <Menu.Item disabled={cases.length === 1} onClick={() => put(cases.filter((_, index) => index !== at))}>
                  Delete the case
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </div>
          <div className="rules">
            <Condition
              value={item.when}
              disabled={disabled}
              label={`Condition of case ${at + 1}`}
              onChange={(when) => change(at, { when })}
            />
          </div>
        </section>
      ))}
      <section className="case">
        <div className="row">
          <span className="ord">
            <IconChevronRight className="i i12" aria-hidden="true" />
          </span>
          <span className="strong cut">Everyone else</span>
          <Leads port="else" />
          <span className="case-gap" />
        </div>
      </section>
      {issue ? (
        <p className="wrong" role="alert">
          {issue.message} {issue.fix}
        </p>
      ) : null}
      <button type="button" className="btn btn-line" onClick={addCase} disabled={disabled} data-testid="add-case">
        <IconPlus className="i i14" /> Add a case
      </button>
    </div>
  );
}
