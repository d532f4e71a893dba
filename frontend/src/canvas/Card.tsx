/** One node, as a card or a slim card. Its size never changes with the mode; only the footer does. */

import { IconAlertCircle, IconAlertTriangle, IconCheck, IconRefresh } from "@tabler/icons-react";
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import type { Issue } from "@/graph/check";
import { StateGlyph } from "@/ui/glyphs";
import { brief, buildFoot, tight } from "./foot";
import { NodeIcon } from "./icons";
import type { CardData, CardNode } from "./model";
import { Others } from "./Others";
import type { FootPart, NodeOverlay } from "./overlay";
import { Ports } from "./Ports";
import { RenameField } from "./RenameField";
import { useCanvas, useCanvasStore } from "./store";

const NO_ISSUES: readonly Issue[] = [];
const NO_NODE_OVERLAY: NodeOverlay = {};

/** Both ways of saying it, where there are two: the style sheet knows which has room. */
function shortened(text: string) {
  const few = brief(text);
  if (few === text) return text;
  return (
    <>
      <span className="long">{text}</span>
      <span className="brief" aria-hidden="true">
        {few}
      </span>
    </>
  );
}

function Part({ part }: { part: FootPart }) {
  const tone = part.tone ? `is-${part.tone}` : "";
  return (
    <span className={`${tone}${part.push ? " push" : ""}`}>
      {part.glyph === "check" ? (
        <IconCheck className="i i12" aria-hidden="true" />
      ) : part.glyph === "retry" ? (
        <IconRefresh className="i i12" aria-hidden="true" />
      ) : part.glyph ? (
        <StateGlyph state={part.glyph} />
      ) : null}
      {part.strong ? <b>{shortened(part.strong)}</b> : null}
      {part.text ? shortened(part.text) : null}
    </span>
  );
}

function IssueLine({ issue }: { issue: Issue }) {
  const error = issue.severity === "error";
  const Shape = error ? IconAlertCircle : IconAlertTriangle;
  return (
    <span className={`cut ${error ? "is-failed" : "is-waiting"}`} title={issue.message}>
      <Shape className="i i12" aria-hidden="true" />
      <span className="cut">{issue.message.replace(/^[^:]{1,40}: /, "").replace(/\.$/, "")}</span>
    </span>
  );
}

function Badge({ issues, overlay }: { issues: readonly Issue[]; overlay: NodeOverlay }) {
  if (overlay.badge) {
    return (
      <span className="badge error" title={overlay.badge.title}>
        {overlay.badge.text}
      </span>
    );
  }
  const errors = issues.filter((issue) => issue.severity === "error").length;
  const warnings = issues.filter((issue) => issue.severity === "warning").length;
  if (errors) {
    return (
      <span className="badge error" title={`${errors} ${errors === 1 ? "error" : "errors"}`}>
        {errors}
      </span>
    );
  }
  return warnings ? (
    <span className="badge" title={`${warnings} ${warnings === 1 ? "warning" : "warnings"}`}>
      !
    </span>
  ) : null;
}

interface FootProps {
  data: CardData;
  name: string;
  issues: readonly Issue[];
  overlay: NodeOverlay;
}

function Foot({ data, name, issues, overlay }: FootProps) {
  const mode = useCanvas((state) => state.mode);
  const off = data.node.disabled;
  if (off && mode === "build")
    return data.slim ? <span className="meta off">Off</span> : <div className="foot">Off, customers pass through</div>;
  const first = mode === "build" ? issues.find((issue) => issue.severity !== "hint") : undefined;
  const parts = mode === "build" ? buildFoot(data.node, data.type) : (overlay.foot ?? []);
  const content = first ? (
    <IssueLine issue={first} />
  ) : (
    parts.map((part) => <Part key={`${part.glyph ?? ""} ${part.text ?? ""} ${part.strong ?? ""}`} part={part} />)
  );
  if (data.slim) {
    const little = mode !== "build" && tight(name, parts);
    return <span className={little ? "meta tight" : "meta"}>{mode === "build" ? null : content}</span>;
  }
  return (
    <div className="foot" key={mode}>
      {content}
    </div>
  );
}

/** A sentence of nothing but gaps says nothing. */
function unset(sentence: string): boolean {
  return sentence.replace(/[…“”\s]/g, "") === "";
}

/** "Wait" + "Wait 2 days" reads "Wait 2 days". */
function unrepeated(sentence: string, name: string): string {
  const doubled = sentence.toLowerCase().startsWith(`${name.toLowerCase()} `);
  return unset(sentence) ? "" : doubled ? sentence.slice(name.length + 1) : sentence;
}

function CardView({ id, data, selected, dragging }: NodeProps<CardNode>) {
  const issues = useCanvas((state) => (state.mode === "build" ? (state.issues.get(id) ?? NO_ISSUES) : NO_ISSUES));
  const overlay = useCanvas((state) => state.overlay.nodes[id] ?? NO_NODE_OVERLAY);
  const target = useCanvas((state) => (state.connecting?.end === "target" ? state.connecting.valid.has(id) : null));
  const editable = useCanvas((state) => state.editable);
  const renaming = useCanvas((state) => state.renaming === id);
  const hit = useCanvas((state) => (state.hit === id ? "hit now" : state.hits.has(id) ? "hit" : ""));
  const store = useCanvasStore();
  const { node, type, slim, sentence } = data;
  const kind = type?.kind ?? (data.trigger ? "trigger" : "exit");
  const classes = ["card", `k-${kind}`];
  if (slim) classes.push("slim");
  if (node.disabled) classes.push("off");
  if (hit) classes.push(hit);
  if (selected) classes.push("selected");
  if (dragging) classes.push("drag");
  if (overlay.state) classes.push(overlay.state);
  if (overlay.faded) classes.push("faded");
  if (overlay.mark) classes.push(`m-${overlay.mark}`);
  if (overlay.pulse) classes.push("pulse");
  if (target === true) classes.push("valid-target");
  if (target === false) classes.push("no-target");
  const name = node.name || type?.name || node.type;
  const icon = type?.icon ?? "";
  const title = renaming ? (
    <RenameField id={id} name={node.name} label="Name of the step" />
  ) : (
    <span className="cut">{name}</span>
  );
  const share = overlay.share === undefined ? undefined : { "--v": `${Math.round(overlay.share * 1000) / 10}%` };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: React Flow wraps it in the focusable node; F2 renames it
    <div
      className={classes.join(" ")}
      data-testid={`node-${id}`}
      data-node-type={node.type}
      style={share as React.CSSProperties | undefined}
      onDoubleClick={() => editable && store.setState({ renaming: id })}
    >
      <div className="head">
        <span className={slim ? "tile s" : "tile"}>
          <NodeIcon name={icon} />
        </span>
        {slim ? (
          <div className="name">
            {title}
            <span className="t2 cut say" title={sentence.full}>
              {unrepeated(sentence.short, name)}
            </span>
          </div>
        ) : (
          <div className="cut">
            <div className="name">
              {title}
              {type?.vendor ? (
                <span className="vendor" title={type.vendor.name}>
                  {type.vendor.letter}
                </span>
              ) : null}
            </div>
            <div className="say cut" title={sentence.full === sentence.short ? undefined : sentence.full}>
              {unset(sentence.full) ? "Not set up yet" : sentence.short}
            </div>
          </div>
        )}
        {slim ? <Foot data={data} name={name} issues={issues} overlay={overlay} /> : null}
      </div>
      {slim ? null : <Foot data={data} name={name} issues={issues} overlay={overlay} />}
      <span className="far-n">{overlay.volume ?? ""}</span>
      {overlay.progress === undefined ? null : (
        <i className="progress" style={{ "--p": `${Math.round(overlay.progress * 100)}%` } as React.CSSProperties} />
      )}
      <Badge issues={issues} overlay={overlay} />
      <Others id={id} />
      {data.trigger ? null : (
        <Handle
          type="target"
          position={Position.Top}
          id="in"
          className="port-in"
          data-testid={`target-${id}`}
          isConnectableStart={false}
        >
          <i className="port in valid" />
        </Handle>
      )}
      <Ports id={id} name={name} ports={data.ports} />
    </div>
  );
}

export const Card = memo(CardView);
