/** Zoom, fit, tidy up and note: the bar at the bottom left. */

import { IconMaximize, IconMinus, IconNote, IconPlus, IconWand } from "@tabler/icons-react";
import { useReactFlow, useStore } from "@xyflow/react";

interface Props {
  onFit: () => void;
  onTidy?: (() => void) | undefined;
  onNote?: (() => void) | undefined;
}

export function ZoomBar({ onFit, onTidy, onNote }: Props) {
  const flow = useReactFlow();
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <div className="canvas-ui zoom" role="toolbar" aria-label="View">
      <button
        type="button"
        className="icon-btn"
        aria-label="Zoom out"
        title="Zoom out  Ctrl −"
        onClick={() => void flow.zoomOut({ duration: 140 })}
      >
        <IconMinus className="i i14" />
      </button>
      <button
        type="button"
        className="percent"
        aria-label={`Zoom is ${percent} %. Set to 100 %`}
        title="Zoom to 100 %"
        onClick={() => void flow.zoomTo(1, { duration: 140 })}
        data-testid="zoom-level"
      >
        {percent}%
      </button>
      <button
        type="button"
        className="icon-btn"
        aria-label="Zoom in"
        title="Zoom in  Ctrl +"
        onClick={() => void flow.zoomIn({ duration: 140 })}
      >
        <IconPlus className="i i14" />
      </button>
      <i />
      <button
        type="button"
        className="icon-btn"
        aria-label="Fit"
        title="Show the whole flow  F"
        onClick={onFit}
        data-testid="fit"
      >
        <IconMaximize className="i i14" />
      </button>
      {onTidy ? (
        <button
          type="button"
          className="icon-btn"
          aria-label="Tidy up"
          title="Tidy up  T"
          onClick={onTidy}
          data-testid="tidy"
        >
          <IconWand className="i i14" />
        </button>
      ) : null}
      {onNote ? (
        <button
          type="button"
          className="icon-btn"
          aria-label="Add a note"
          title="Add a note"
          onClick={onNote}
          data-testid="add-note"
        >
          <IconNote className="i i14" />
        </button>
      ) : null}
    </div>
  );
}
