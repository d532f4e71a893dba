/** The list that opens at a + or with N: type to find, arrows to choose, Enter to add. */

import { IconSearch } from "@tabler/icons-react";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { NodeIcon } from "@/canvas/icons";
import type { NodeType } from "@/graph/catalogue";
import { isTrigger } from "@/graph/reach";
import { byCategory } from "./search";
import { type Picker as Asked, graphOf, useEditor, useEditorStore } from "./store";

const WIDTH = 248;
const HEIGHT = 348;

function corner({ anchor }: Asked): { left: number; top: number } {
  const left = Math.max(8, Math.min(anchor.right + 8, window.innerWidth - WIDTH - 8));
  const top = Math.max(8, Math.min(anchor.top - 20, window.innerHeight - HEIGHT - 8));
  return { left, top };
}

function Open({
  asked,
  onPick,
  first,
}: {
  asked: Asked;
  onPick: (type: NodeType, asked: Asked) => void;
  first: string;
}) {
  const editor = useEditorStore();
  const catalogue = useEditor((state) => state.catalogue);
  const [query, setQuery] = useState(first);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const linked = asked.place?.kind === "edge" || asked.place?.kind === "port";
  // A trigger may only become another trigger, a step another step.
  const replaced = useEditor((state) => graphOf(state).nodes.find(({ id }) => id === asked.replace));
  const groups = useMemo(() => {
    const trigger = Boolean(replaced && isTrigger(replaced, catalogue.get(replaced.type)));
    const fits = (type: NodeType) => type.trigger === trigger && type.type !== replaced?.type;
    return byCategory(catalogue, query)
      .map((group) => ({
        ...group,
        types: group.types.filter((type) => (replaced ? fits(type) : !(linked && type.trigger))),
      }))
      .filter((group) => group.types.length);
  }, [catalogue, query, linked, replaced]);
  const flat = groups.flatMap((group) => group.types);
  const chosen = flat[Math.min(at, flat.length - 1)];

  useEffect(() => {
    const close = (event: PointerEvent) => {
      if (!frame.current?.contains(event.target as Node)) editor.setState({ picker: null });
    };
    window.addEventListener("pointerdown", close, true);
    return () => window.removeEventListener("pointerdown", close, true);
  }, [editor]);
  useLayoutEffect(() => {
    list.current
      ?.querySelector(`[data-option="${CSS.escape(chosen?.type ?? "")}"]`)
      ?.scrollIntoView?.({ block: "nearest" });
  }, [chosen]);

  return (
    <div
      className="picker"
      role="dialog"
      aria-label={replaced ? "Replace the step" : "Add a step"}
      style={{ ...corner(asked), width: WIDTH, maxHeight: HEIGHT }}
      ref={frame}
      data-testid="picker"
    >
      <div className="picker-search">
        <IconSearch className="i i14" aria-hidden="true" />
        <input
          // biome-ignore lint/a11y/noAutofocus: it opens on request, to be typed into
          autoFocus
          value={query}
          placeholder={replaced ? `Instead of ${replaced.name || replaced.type}` : "Add a step"}
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={chosen ? `${id}-${chosen.type}` : undefined}
          aria-label={replaced ? "Find a step to put there" : "Find a step to add"}
          data-testid="picker-search"
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") editor.setState({ picker: null });
            else if (event.key === "ArrowDown") setAt(Math.min(at + 1, flat.length - 1));
            else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
            else if (event.key === "Enter" && chosen) onPick(chosen, asked);
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
      </div>
      <div role="listbox" id={id} ref={list} aria-label="Steps">
        {groups.map(({ category, types }) => (
          <div key={category} role="presentation">
            <h3 role="presentation">{category}</h3>
            {types.map((type) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the search field above handles the keys of the list
              <div
                key={type.type}
                id={`${id}-${type.type}`}
                role="option"
                tabIndex={-1}
                aria-selected={type === chosen}
                className={`palette-item k-${type.kind}`}
                data-option={type.type}
                data-testid={`pick-${type.type}`}
                onPointerMove={() => setAt(flat.indexOf(type))}
                onClick={() => onPick(type, asked)}
              >
                <span className="tile s">
                  <NodeIcon name={type.icon} />
                </span>
                <span className="cut">{type.name}</span>
                {type.vendor ? <span className="vendor">{type.vendor.letter}</span> : null}
              </div>
            ))}
          </div>
        ))}
        {flat.length === 0 ? <p className="t3 palette-none">Nothing is called “{query}”.</p> : null}
      </div>
    </div>
  );
}

export function Picker({ onPick, first = "" }: { onPick: (type: NodeType, asked: Asked) => void; first?: string }) {
  const asked = useEditor((state) => state.picker);
  if (!asked) return null;
  return (
    <Open
      key={`${asked.anchor.x} ${asked.anchor.y} ${JSON.stringify(asked.place)} ${asked.replace ?? ""}`}
      asked={asked}
      onPick={onPick}
      first={first}
    />
  );
}
