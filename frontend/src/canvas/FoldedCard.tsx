/** A collapsed group: one card that says how many steps it stands for, what is wrong in it, and what happens in it. */

import { IconChevronRight, IconStack2 } from "@tabler/icons-react";
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import type { State } from "@/ui/glyphs";
import type { CardNode } from "./model";
import type { NodeOverlay } from "./overlay";
import { Ports } from "./Ports";
import { RenameField } from "./RenameField";
import { type CanvasState, useCanvas, useCanvasStore } from "./store";

/** The worst first: a group is as its worst step is. */
const STATES: readonly State[] = ["failed", "held", "running", "waiting", "succeeded"];

interface Summary {
  readonly state: State | "";
  readonly faded: boolean;
  readonly pulse: boolean;
  readonly volume: string;
  readonly share: number;
}

/** One text for what a mode says of the cards inside, so that the card is drawn again only when that changes. */
function summaryOf(nodes: CanvasState["overlay"]["nodes"], members: readonly string[]): string {
  const all = members.map((id): NodeOverlay => nodes[id] ?? {});
  const top = all.reduce<NodeOverlay>((best, each) => ((each.share ?? 0) > (best.share ?? 0) ? each : best), {});
  const made: Summary = {
    state: STATES.find((state) => all.some((each) => each.state === state)) ?? "",
    faded: all.length > 0 && all.every((each) => each.faded),
    pulse: all.some((each) => each.pulse),
    volume: top.volume ?? "",
    share: top.share ?? 0,
  };
  return JSON.stringify(made);
}

function ways(count: number, way: string): string {
  return `${count || "no"} ${count === 1 ? "way" : "ways"} ${way}`;
}

function FoldedView({ id, data, selected, dragging }: NodeProps<CardNode>) {
  const store = useCanvasStore();
  const editable = useCanvas((state) => state.editable);
  const renaming = useCanvas((state) => state.renaming === id);
  const mode = useCanvas((state) => state.mode);
  const hit = useCanvas((state) => (state.hit === id ? "hit now" : state.hits.has(id) ? "hit" : ""));
  const target = useCanvas((state) => (state.connecting?.end === "target" ? state.connecting.valid.has(id) : null));
  const { node, ports } = data;
  const members = (node.config.members ?? []) as readonly string[];
  const wrong = useCanvas((state) =>
    members.reduce((sum, each) => sum + (state.issues.get(each) ?? []).filter((i) => i.severity === "error").length, 0),
  );
  const seen = JSON.parse(useCanvas((state) => summaryOf(state.overlay.nodes, members))) as Summary;
  const classes = ["card", "folded", "k-exit", seen.state, hit];
  if (selected) classes.push("selected");
  if (dragging) classes.push("drag");
  if (seen.faded) classes.push("faded");
  if (seen.pulse) classes.push("pulse");
  if (target === true) classes.push("valid-target");
  if (target === false) classes.push("no-target");
  const steps = members.length;
  const share = seen.share ? ({ "--v": `${Math.round(seen.share * 1000) / 10}%` } as React.CSSProperties) : undefined;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: React Flow wraps it in the focusable node
    <div
      className={classes.filter(Boolean).join(" ")}
      style={share}
      data-testid={`group-${id}`}
      onDoubleClick={() => editable && store.setState({ renaming: id })}
    >
      <div className="head">
        <span className="tile">
          <IconStack2 className="i" aria-hidden="true" />
        </span>
        <div className="cut">
          <div className="name">
            {renaming ? (
              <RenameField id={id} name={node.name} label="Name of the group" />
            ) : (
              <span className="cut">{node.name}</span>
            )}
          </div>
          <div className="say cut">
            {steps} {steps === 1 ? "step" : "steps"}
          </div>
        </div>
      </div>
      <div className="foot" key={mode}>
        <span>
          {ways(Number(node.config.entries) || 0, "in")}, {ways(ports.length, "out")}
        </span>
        <button
          type="button"
          className="btn-open push nodrag nopan"
          aria-label={`Open ${node.name}`}
          title={editable ? "Open  C" : "Open"}
          onClick={(event) => {
            event.stopPropagation();
            store.getState().onCollapse(id, false);
          }}
          data-testid={`open-${id}`}
        >
          Open <IconChevronRight className="i i12" aria-hidden="true" />
        </button>
      </div>
      <span className="far-n">{seen.volume}</span>
      {wrong ? (
        <span className="badge error" title={`${wrong} ${wrong === 1 ? "error" : "errors"} inside`}>
          {wrong}
        </span>
      ) : null}
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
      <Ports id={id} name={node.name} ports={ports} />
    </div>
  );
}

export const FoldedCard = memo(FoldedView);
