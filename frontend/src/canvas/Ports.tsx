/** The ways out on a card's bottom border, and the + under each that leads nowhere yet. */

import { IconPlus } from "@tabler/icons-react";
import { Handle, Position } from "@xyflow/react";
import { memo } from "react";
import type { PlacedPort } from "./model";
import { useCanvas, useCanvasStore } from "./store";

function OpenPort({ id, name, port }: { id: string; name: string; port: PlacedPort }) {
  const store = useCanvasStore();
  const over = useCanvas(
    (state) => state.drop?.kind === "port" && state.drop.node === id && state.drop.port === port.id,
  );
  const label = port.label && port.id !== "out" ? `${name}, ${port.label}` : name;
  return (
    <span
      className={`stub nodrag nopan${port.wanted ? "" : " optional"}${over ? " over" : ""}`}
      style={{ left: `${port.share * 100}%` }}
    >
      {port.label && port.id !== "out" ? <span className="stub-label">{port.label}</span> : null}
      <button
        type="button"
        className="plus open"
        aria-label={`Add a step after ${label}`}
        data-testid={`port-plus-${id}-${port.id}`}
        data-drop-node={id}
        data-drop-port={port.id}
        onClick={(event) => {
          event.stopPropagation();
          store
            .getState()
            .onAdd({ kind: "port", node: id, port: port.id }, event.currentTarget.getBoundingClientRect());
        }}
      >
        <IconPlus className="i i12" aria-hidden="true" />
      </button>
    </span>
  );
}

function PortsView({ id, name, ports }: { id: string; name: string; ports: readonly PlacedPort[] }) {
  const editable = useCanvas((state) => state.editable);
  // A port takes a line only while the beginning of one is in the hand.
  const taking = useCanvas((state) => state.connecting?.end === "source" && state.connecting.valid.has(id));
  return ports.map((port) => (
    <span key={port.id} className="port-group">
      <Handle
        type="source"
        id={port.id}
        position={Position.Bottom}
        className={`port out ${taking ? "taking" : ""} ${port.kind === "error" ? "error" : ""} ${port.open && !port.wanted ? "optional" : ""}`}
        style={{ left: `${port.share * 100}%` }}
        isConnectable={editable}
        isConnectableEnd={taking}
        title={port.id === "out" ? undefined : port.label || undefined}
        data-testid={`port-${id}-${port.id}`}
      />
      {editable && port.open ? <OpenPort id={id} name={name} port={port} /> : null}
    </span>
  ));
}

export const Ports = memo(PortsView);
