/** A condition, built from rows or written as CEL. Rows become CEL below; CEL that rows can say becomes rows again. */

import { IconCode, IconListDetails } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { fromCel } from "@/graph/cel";
import type { Json } from "@/graph/document";
import { complete, type Group, isGroup, toCel } from "@/graph/rules";
import { groupWords } from "@/graph/ruleWords";
import { useVariables } from "../data";
import { useWhere } from "./context";
import { CodeEditor } from "./lazy";
import { shown } from "./names";
import { RuleGroup } from "./RuleGroup";

interface Props {
  value: Json;
  label: string;
  disabled: boolean;
  /** Whether what a customer did before may be asked: in segments. */
  history?: boolean;
  onChange: (value: Json) => void;
}

/** The condition as one reads it aloud. */
function Reading({ group }: { group: Group }) {
  const { flow, node } = useWhere();
  const { data: variables = [] } = useVariables(flow, node.id);
  return (
    <p className="said reading" data-testid="reading">
      {groupWords(group, (path) => shown(path, variables))}.
    </p>
  );
}

const FRESH: Group = { all: [{ field: "", op: "eq", value: "" }] };

function groupOf(value: Json): Group | null {
  if (isGroup(value)) return value;
  const read = typeof value === "string" ? fromCel(value) : null;
  return read && (("all" in read ? read.all : read.any).length ? read : FRESH);
}

/** CEL with its names and values in colour, as it will run. */
export function CelView({ source }: { source: string }) {
  const parts = source.split(/("(?:[^"\\]|\\.)*"|\b\d+(?:\.\d+)?\b|&&|\|\||\b(?:customer|event|run|steps)(?:\.\w+)+)/);
  let at = 0;
  return (
    <div className="code" data-testid="cel">
      {parts.map((part) => {
        at += part.length + 1;
        if (/^["\d]/.test(part)) return <u key={at}>{part}</u>;
        if (/^(&&|\|\|)$/.test(part)) return <s key={at}>{part}</s>;
        return /^(customer|event|run|steps)\./.test(part) ? <i key={at}>{part}</i> : part;
      })}
    </div>
  );
}

export function Condition({ value, label, disabled, history = false, onChange }: Props) {
  const group = groupOf(value);
  const [asCel, setAsCel] = useState(group === null);
  const source = typeof value === "string" ? value : isGroup(value) && complete(value) ? toCel(value) : "";
  if (asCel || !group) {
    return (
      <>
        <Suspense fallback={<div className="code-editor" />}>
          <CodeEditor
            kind="cel"
            value={source}
            label={label}
            disabled={disabled}
            onChange={onChange}
            placeholder="customer.traits.employees > 100"
          />
        </Suspense>
        <div className="row rule-foot">
          <button
            type="button"
            className="btn btn-quiet btn-sm push"
            disabled={!group}
            title={group ? undefined : "Rows cannot say this expression"}
            onClick={() => setAsCel(false)}
          >
            <IconListDetails className="i i12" /> Edit as rows
          </button>
        </div>
      </>
    );
  }
  return (
    <>
      <RuleGroup group={group} disabled={disabled} history={history} onChange={(next) => onChange(next as Json)}>
        <button
          type="button"
          className="btn btn-quiet btn-sm push"
          disabled={disabled}
          onClick={() => setAsCel(true)}
          data-testid="edit-as-cel"
        >
          <IconCode className="i i12" /> Edit as CEL
        </button>
      </RuleGroup>
      {complete(group) ? (
        <>
          <Reading group={group} />
          <CelView source={toCel(group)} />
        </>
      ) : null}
    </>
  );
}
