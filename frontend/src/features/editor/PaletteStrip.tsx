/** The palette of a narrow window: a strip that opens the list of steps. */

import { IconSearch } from "@tabler/icons-react";
import { NodeIcon } from "@/canvas/icons";
import { byCategory } from "./search";
import { useEditor, useEditorStore } from "./store";

export function PaletteStrip() {
  const editor = useEditorStore();
  const catalogue = useEditor((state) => state.catalogue);
  const open = (anchor: DOMRect) => editor.setState({ picker: { place: null, anchor } });
  return (
    <div className="canvas-ui mini-pal" role="toolbar" aria-label="Add a step">
      <button
        type="button"
        className="icon-btn"
        aria-label="Find a node, N"
        onClick={(event) => open(event.currentTarget.getBoundingClientRect())}
      >
        <IconSearch className="i" />
      </button>
      <hr />
      {byCategory(catalogue, "").map(({ category, types }) => {
        const [first] = types;
        return first ? (
          <button
            type="button"
            key={category}
            className={`icon-btn k-${first.kind}`}
            aria-label={category}
            title={category}
            onClick={(event) => open(event.currentTarget.getBoundingClientRect())}
          >
            <span className="tile s">
              <NodeIcon name={first.icon} />
            </span>
          </button>
        ) : null;
      })}
    </div>
  );
}
