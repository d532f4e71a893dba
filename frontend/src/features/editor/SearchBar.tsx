/** Search in the drawing: names, types, what stands in the forms; from one find to the next, each brought into view. */

import { IconChevronDown, IconChevronUp, IconSearch, IconX } from "@tabler/icons-react";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { CanvasHandle } from "@/canvas/Canvas";
import { type Found, find } from "@/graph/find";
import { groupsOf, owners } from "@/graph/groups";
import { graphOf, useEditor, useEditorStore } from "./store";

interface Props {
  canvas: RefObject<CanvasHandle | null>;
  onFound: (hits: ReadonlySet<string>, hit: string | null) => void;
}

const NONE: ReadonlySet<string> = new Set();

function Open({ canvas, onFound }: Props) {
  const editor = useEditorStore();
  const graph = useEditor(graphOf);
  const catalogue = useEditor((state) => state.catalogue);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const found = useMemo(() => find(graph, catalogue, query), [graph, catalogue, query]);
  const now: Found | undefined = found[Math.min(at, found.length - 1)];
  // What a collapsed group hides is shown by the group.
  const shownAs = useMemo(() => owners(groupsOf(graph).filter(({ collapsed }) => collapsed)), [graph]);
  const hit = now ? (shownAs.get(now.id)?.id ?? now.id) : null;
  const hits = useMemo(() => new Set(found.map(({ id }) => shownAs.get(id)?.id ?? id)), [found, shownAs]);
  useEffect(() => {
    onFound(hits, hit);
  }, [hits, hit, onFound]);
  useEffect(() => {
    if (hit) canvas.current?.show(hit);
  }, [hit, canvas]);
  useEffect(() => () => onFound(NONE, null), [onFound]);
  const close = () => {
    editor.setState({ searching: false });
    if (hit) {
      editor.select([hit]);
      requestAnimationFrame(() => canvas.current?.focus(hit));
    }
  };
  const step = (by: number) =>
    found.length && setAt((Math.min(at, found.length - 1) + by + found.length) % found.length);
  return (
    <div className="canvas-ui search-bar" role="search" aria-label="Search in this flow" data-testid="search">
      <IconSearch className="i i14" aria-hidden="true" />
      <input
        ref={field}
        // biome-ignore lint/a11y/noAutofocus: it opens on request, to be typed into
        autoFocus
        value={query}
        placeholder="Search in this flow"
        aria-label="Search in this flow"
        data-testid="search-field"
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "F3") step(event.shiftKey ? -1 : 1);
          else if (event.key === "ArrowDown") step(1);
          else if (event.key === "ArrowUp") step(-1);
          else if (event.key === "Escape") close();
          else if (event.key.toLowerCase() === "f" && (event.ctrlKey || event.metaKey)) field.current?.select();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className="search-count" role="status" data-testid="search-count">
        {query.trim()
          ? found.length
            ? `${Math.min(at, found.length - 1) + 1} of ${found.length}`
            : "Nothing found"
          : ""}
      </span>
      <button
        type="button"
        className="icon-btn sm"
        aria-label="Previous"
        title="Previous  Shift Enter"
        disabled={!found.length}
        onClick={() => step(-1)}
      >
        <IconChevronUp className="i i14" />
      </button>
      <button
        type="button"
        className="icon-btn sm"
        aria-label="Next"
        title="Next  Enter"
        disabled={!found.length}
        onClick={() => step(1)}
      >
        <IconChevronDown className="i i14" />
      </button>
      <button type="button" className="icon-btn sm" aria-label="Close the search" title="Close  Esc" onClick={close}>
        <IconX className="i i14" />
      </button>
      {now ? (
        <p className="search-where" data-testid="search-where">
          <span className="strong">{now.name}</span>
          {now.where ? <span className="t3"> {now.where}</span> : null}
        </p>
      ) : null}
    </div>
  );
}

export function SearchBar(props: Props) {
  const open = useEditor((state) => state.searching);
  return open ? <Open {...props} /> : null;
}
