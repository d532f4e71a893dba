/** Rows of a condition: all or any of them, with groups inside. Rows are moved by their handle, or by its arrow keys. */

import { NativeSelect } from "@mantine/core";
import { IconGripVertical, IconPlus, IconX } from "@tabler/icons-react";
import { type DragEvent, type KeyboardEvent, type ReactNode, useState } from "react";
import { insertRule, moveRule, type Place, removeRule, replaceRule } from "@/graph/ruleMoves";
import { type Did, type Group, isDid, isGroup, joinOf, type Leaf, makeGroup, type Rule, rulesOf } from "@/graph/rules";
import { DidRow } from "./DidRow";
import { RuleRow } from "./RuleRow";

interface Tree {
  root: Group;
  disabled: boolean;
  /** Whether what a customer did before may be asked here: in segments only. */
  history: boolean;
  dragged: Place | null;
  setDragged: (place: Place | null) => void;
  put: (root: Group) => void;
}

const FRESH: Leaf = { field: "", op: "eq", value: "" };
const FRESH_DID: Did = { event: "", op: "gte", value: 1, within: "30d" };
const DEEPEST = 2;

interface Props {
  group: Group;
  disabled: boolean;
  history?: boolean;
  onChange: (group: Group) => void;
  children?: ReactNode;
}

export function RuleGroup({ group, disabled, history = false, onChange, children }: Props) {
  const [dragged, setDragged] = useState<Place | null>(null);
  const tree: Tree = { root: group, disabled, history, dragged, setDragged, put: onChange };
  return (
    <OneGroup group={group} place={[]} tree={tree}>
      {children}
    </OneGroup>
  );
}

function OneGroup({ group, place, tree, children }: { group: Group; place: Place; tree: Tree; children?: ReactNode }) {
  const join = joinOf(group);
  const rules = rulesOf(group);
  const { disabled, root, put } = tree;
  const depth = place.length;
  const change = (next: Group) => put(depth ? replaceRule(root, place, next) : next);
  const add = (rule: Rule) => put(insertRule(root, [...place, rules.length], rule));
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
              onChange={(event) => change(makeGroup(event.currentTarget.value === "any" ? "any" : "all", rules))}
            />
            <span className="t2">of these are true</span>
          </>
        )}
        {depth ? (
          <button
            type="button"
            className="icon-btn tiny push"
            aria-label="Remove the group"
            disabled={disabled}
            onClick={() => put(removeRule(root, place))}
          >
            <IconX className="i i12" />
          </button>
        ) : null}
      </div>
      <div className={rules.length > 1 ? "joiner" : "stack tight"}>
        {rules.length > 1 ? <em>{join === "all" ? "and" : "or"}</em> : null}
        {rules.map((rule, at) => (
          // Rows have no id of their own; their place is what they are.
          <Movable key={[...place, at].join(".")} place={[...place, at]} count={rules.length} tree={tree}>
            <OneRule rule={rule} place={[...place, at]} alone={!depth && rules.length === 1} tree={tree} />
          </Movable>
        ))}
      </div>
      <div className="row rule-foot">
        <button
          type="button"
          className="btn btn-quiet btn-sm"
          disabled={disabled}
          onClick={() => add(FRESH)}
          data-testid="add-condition"
        >
          <IconPlus className="i i12" /> Condition
        </button>
        {tree.history ? (
          <button
            type="button"
            className="btn btn-quiet btn-sm"
            disabled={disabled}
            onClick={() => add(FRESH_DID)}
            data-testid="add-did"
          >
            <IconPlus className="i i12" /> Event
          </button>
        ) : null}
        {depth < DEEPEST ? (
          <button
            type="button"
            className="btn btn-quiet btn-sm"
            disabled={disabled}
            onClick={() => add(makeGroup(join === "all" ? "any" : "all", [FRESH]))}
            data-testid="add-group"
          >
            <IconPlus className="i i12" /> Group
          </button>
        ) : null}
        {children}
      </div>
    </div>
  );
}

function OneRule({ rule, place, alone, tree }: { rule: Rule; place: Place; alone: boolean; tree: Tree }) {
  const { root, put, disabled } = tree;
  if (isGroup(rule)) return <OneGroup group={rule} place={place} tree={tree} />;
  const shared = {
    disabled,
    onChange: (next: Rule) => put(replaceRule(root, place, next)),
    onRemove: alone ? undefined : () => put(removeRule(root, place)),
  };
  return isDid(rule) ? <DidRow rule={rule} {...shared} /> : <RuleRow rule={rule} {...shared} />;
}

/** A row with its handle: dragged before another one, in whichever group; up and down by the arrow keys. */
function Movable({ place, count, tree, children }: { place: Place; count: number; tree: Tree; children: ReactNode }) {
  const { root, put, dragged, setDragged, disabled } = tree;
  const [over, setOver] = useState(false);
  const at = place.at(-1) ?? 0;
  const move = (to: Place) => put(moveRule(root, dragged ?? place, to));
  const key = (event: KeyboardEvent<HTMLButtonElement>) => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const next = at + step;
    if (!step || next < 0 || next >= count) return;
    event.preventDefault();
    put(moveRule(root, place, [...place.slice(0, -1), step > 0 ? next + 1 : next]));
    // The handle that has the focus is now another row's: it follows its own row.
    const handles = [...(event.currentTarget.closest(".joiner")?.children ?? [])]
      .filter((each) => each.matches(".movable"))
      .map((each) => each.querySelector<HTMLElement>(":scope > .grip"));
    requestAnimationFrame(() => handles[next]?.focus());
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    if (!dragged) return;
    const box = event.currentTarget.getBoundingClientRect();
    const below = event.clientY > box.top + box.height / 2;
    move([...place.slice(0, -1), below ? at + 1 : at]);
    setDragged(null);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop on; the handle's arrow keys do the same
    <div
      className={`movable${over && dragged ? " over" : ""}`}
      onDragOver={(event) => {
        if (!dragged) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {count > 1 ? (
        <button
          type="button"
          className="grip"
          draggable={!disabled}
          disabled={disabled}
          aria-label={`Move row ${at + 1} of ${count}: arrow keys`}
          title="Drag, or use the arrow keys"
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("text/plain", place.join("."));
            setDragged(place);
          }}
          onDragEnd={() => setDragged(null)}
          onKeyDown={key}
        >
          <IconGripVertical className="i i12" aria-hidden="true" />
        </button>
      ) : null}
      {children}
    </div>
  );
}
