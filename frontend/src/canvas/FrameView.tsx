/** The frame around the cards of an open group. It is grasped by its head: with it go its cards. */

import { IconChevronDown } from "@tabler/icons-react";
import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import type { FrameNode } from "./model";
import { RenameField } from "./RenameField";
import { useCanvas, useCanvasStore } from "./store";

function FrameView({ id, data, selected }: NodeProps<FrameNode>) {
  const store = useCanvasStore();
  const editable = useCanvas((state) => state.editable);
  const renaming = useCanvas((state) => state.renaming === id);
  const hit = useCanvas((state) => (state.hit === id ? "hit now" : state.hits.has(id) ? "hit" : ""));
  const { group } = data;
  const name = group.name || "Group";
  return (
    <div className={`frame ${selected ? "selected" : ""} ${hit}`} data-testid={`group-${id}`}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: React Flow wraps it in the focusable node */}
      <div
        className="frame-head"
        onPointerDown={(event) => {
          if (event.button === 0 && !event.shiftKey && !event.ctrlKey && !event.metaKey) store.getState().onPick(id);
        }}
        onDoubleClick={() => editable && store.setState({ renaming: id })}
      >
        <button
          type="button"
          className="icon-btn sm nodrag"
          aria-label={`Collapse ${name}`}
          title={editable ? "Collapse  C" : "Collapse"}
          onClick={(event) => {
            event.stopPropagation();
            store.getState().onCollapse(id, true);
          }}
          data-testid={`collapse-${id}`}
        >
          <IconChevronDown className="i i14" aria-hidden="true" />
        </button>
        {renaming ? (
          <RenameField id={id} name={group.name} label="Name of the group" />
        ) : (
          <span className="frame-name cut" title={name}>
            {name}
          </span>
        )}
      </div>
    </div>
  );
}

export const FrameCard = memo(FrameView);
