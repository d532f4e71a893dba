/** Everything that can be put on the canvas: drag it there, or press it to add it where you are. */

import { IconPlug, IconSearch } from "@tabler/icons-react";
import { type PointerEvent, useMemo, useState } from "react";
import { Link } from "react-router";
import { NodeIcon } from "@/canvas/icons";
import type { NodeType } from "@/graph/catalogue";
import { ShortcutKey } from "@/ui/ShortcutKey";
import { byCategory } from "./search";
import { useEditor, useEditorStore } from "./store";

interface Props {
  onAdd: (type: NodeType) => void;
  onDragStart: (type: NodeType, event: PointerEvent) => void;
}

export function Palette({ onAdd, onDragStart }: Props) {
  const editor = useEditorStore();
  const catalogue = useEditor((state) => state.catalogue);
  const editable = useEditor((state) => state.editable);
  const [query, setQuery] = useState("");
  const groups = useMemo(() => byCategory(catalogue, query), [catalogue, query]);
  const vendors = useMemo(
    () => new Set([...catalogue.values()].flatMap((type) => (type.vendor ? [type.vendor.id] : []))),
    [catalogue],
  );
  const first = groups[0]?.types[0];
  return (
    <aside className="palette" aria-label="Add a step" data-testid="palette">
      <div className="field quiet search">
        <IconSearch className="i i14" aria-hidden="true" />
        <input
          type="search"
          value={query}
          placeholder="Find a node"
          aria-label="Find a node"
          data-testid="palette-search"
          autoComplete="off"
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && first && editable) onAdd(first);
            if (event.key === "Escape") setQuery("");
          }}
        />
        <ShortcutKey>N</ShortcutKey>
      </div>
      <div className="palette-list">
        {groups.map(({ category, types }) => (
          <section key={category}>
            <h2>{category}</h2>
            <ul>
              {types.map((type) => (
                <li key={type.type}>
                  <button
                    type="button"
                    className={`palette-item k-${type.kind}`}
                    title={type.help}
                    disabled={!editable}
                    data-testid={`palette-${type.type}`}
                    onPointerDown={(event) => {
                      if (event.button === 0) onDragStart(type, event);
                    }}
                    onClick={(event) => {
                      // A drag that ends on the palette itself is no press.
                      if (event.detail === 0 || !event.currentTarget.dataset.dragged) onAdd(type);
                      delete event.currentTarget.dataset.dragged;
                    }}
                  >
                    <span className="tile s">
                      <NodeIcon name={type.icon} />
                    </span>
                    <span className="cut">{type.name}</span>
                    {type.vendor ? <span className="vendor">{type.vendor.letter}</span> : null}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {groups.length === 0 ? <p className="t3 palette-none">Nothing is called “{query}”.</p> : null}
      </div>
      <footer>
        <IconPlug className="i i14" aria-hidden="true" />
        {vendors.size} {vendors.size === 1 ? "connector" : "connectors"}
        <button
          type="button"
          className="link push"
          title="The drawing as a list  U"
          onClick={() => editor.setState({ outline: true })}
          data-testid="open-outline"
        >
          Outline
        </button>
        <Link to="/connectors">Open</Link>
      </footer>
    </aside>
  );
}
