import { IconCheck, IconChevronRight, IconCopy } from "@tabler/icons-react";
import { useState } from "react";

type Props = { value: unknown /** How deep it stands open at first. */; open?: number; label?: string };

/** JSON as coloured text that folds. Nothing in it is ever markup. */
export function JsonView({ value, open = 2, label = "JSON" }: Props) {
  return (
    <section className="json" aria-label={label}>
      <CopyButton text={JSON.stringify(value, null, 2) ?? ""} label={`Copy ${label}`} />
      <Node name={null} value={value} depth={0} open={open} last />
    </section>
  );
}

type NodeProps = { name: string | null; value: unknown; depth: number; open: number; last: boolean };

const SHOWN = 100;

function Node({ name, value, depth, open, last }: NodeProps) {
  const [unfolded, setUnfolded] = useState(depth < open);
  const [all, setAll] = useState(false);
  const comma = last ? "" : ",";
  const head =
    name === null ? null : (
      <>
        <i>{JSON.stringify(name)}</i>
        {": "}
      </>
    );
  const indent = { paddingLeft: depth * 14 };
  if (typeof value !== "object" || value === null) {
    return (
      <div style={indent}>
        {head}
        <Leaf value={value} />
        {comma}
      </div>
    );
  }
  const list = Array.isArray(value);
  const entries: [string | null, unknown][] = list ? value.map((each) => [null, each]) : Object.entries(value);
  const [left, right] = list ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) {
    return (
      <div style={indent}>
        {head}
        {left}
        {right}
        {comma}
      </div>
    );
  }
  const shown = all ? entries : entries.slice(0, SHOWN);
  return (
    <>
      <div style={indent}>
        <button
          type="button"
          className="fold"
          aria-expanded={unfolded}
          aria-label={`${name ?? "value"}, ${entries.length} entries`}
          onClick={() => setUnfolded(!unfolded)}
        >
          <IconChevronRight className="i i12" />
        </button>
        {head}
        {left}
        {unfolded ? null : (
          <s>
            {" "}
            {entries.length} {entries.length === 1 ? "entry" : "entries"} {right}
            {comma}
          </s>
        )}
      </div>
      {unfolded ? (
        <>
          {shown.map(([key, each], index) => (
            <Node
              key={key ?? index}
              name={key}
              value={each}
              depth={depth + 1}
              open={open}
              last={index === entries.length - 1}
            />
          ))}
          {shown.length < entries.length ? (
            <button
              type="button"
              className="link"
              style={{ marginLeft: (depth + 1) * 14 }}
              onClick={() => setAll(true)}
            >
              {entries.length - shown.length} more
            </button>
          ) : null}
          <div style={indent}>
            {right}
            {comma}
          </div>
        </>
      ) : null}
    </>
  );
}

const LONG = 240;

function Leaf({ value }: { value: unknown }) {
  const [all, setAll] = useState(false);
  if (typeof value === "string" && value.length > LONG && !all) {
    return (
      <>
        <u>{JSON.stringify(value.slice(0, LONG / 2)).slice(0, -1)}…</u>{" "}
        <button type="button" className="link" onClick={() => setAll(true)}>
          {value.length - LONG / 2} more characters
        </button>
      </>
    );
  }
  if (typeof value === "string") return <u>{JSON.stringify(value)}</u>;
  if (value === undefined) return <s>nothing</s>;
  return <span>{String(value)}</span>;
}

/** Copies a text, and says so for two seconds. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  const Icon = copied ? IconCheck : IconCopy;
  return (
    <button
      type="button"
      className={children ? "btn btn-ink" : "icon-btn sm copy"}
      aria-label={copied ? "Copied" : label}
      onClick={() => void copy()}
    >
      <Icon className="i i14" />
      {children ? (copied ? "Copied" : children) : null}
    </button>
  );
}
