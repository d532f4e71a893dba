/** The drawing as a tree to read and to work in by keys alone: the chosen row is the chosen card, so that every key of the
 * editor works here as it does on the canvas. */

import { IconAlertCircle, IconAlertTriangle, IconX } from "@tabler/icons-react";
import { type FocusEvent, type KeyboardEvent, memo, useEffect, useMemo, useRef } from "react";
import { NodeIcon } from "@/canvas/icons";
import type { NodeType } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import { type OutlineRow, outline } from "@/graph/outline";
import { summarise } from "@/graph/summary";
import { graphOf, useEditor, useEditorStore } from "./store";
import { useIssuesByNode } from "./useIssues";

const NONE: readonly Issue[] = [];

export function Outline({ onShow }: { onShow: (id: string) => void }) {
  const editor = useEditorStore();
  const graph = useEditor(graphOf);
  const catalogue = useEditor((state) => state.catalogue);
  const selection = useEditor((state) => state.selection);
  const issues = useIssuesByNode();
  const rows = useMemo(() => outline(graph, catalogue), [graph, catalogue]);
  const list = useRef<HTMLDivElement>(null);
  const [chosen] = selection;
  const at = selection.size === 1 ? rows.findIndex(({ node, again }) => node.id === chosen && !again) : -1;

  useEffect(() => {
    const row = list.current?.children[at];
    if (!(row instanceof HTMLElement)) return;
    row.scrollIntoView?.({ block: "nearest" });
    // After a step was added or deleted by a key, the keyboard stays in the tree.
    const focus = document.activeElement;
    if (focus !== row && (list.current?.contains(focus) || focus === document.body)) row.focus();
  }, [at]);

  const focusRow = (index: number) => {
    const row = list.current?.children[index];
    if (row instanceof HTMLElement) row.focus();
  };
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const row = rows[Number(event.currentTarget.dataset.index)];
    if (!row || row.again || (selection.size === 1 && selection.has(row.node.id))) return;
    editor.select([row.node.id]);
    onShow(row.node.id);
  };
  const keys = (event: KeyboardEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const index = Number(target.dataset.index ?? -1);
    const row = rows[index];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const shallower = rows.findLastIndex((each, place) => place < index && each.level < row.level);
    const deeper = rows[index + 1] && (rows[index + 1]?.level ?? 0) > row.level ? index + 1 : -1;
    const to = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      ArrowLeft: shallower,
      ArrowRight: deeper,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (to !== undefined) focusRow(to);
    else if (event.key === "Enter" && row.again) {
      focusRow(rows.findIndex(({ node, again }) => node.id === row.node.id && !again));
    } else if (event.key === "Enter") {
      document.querySelector<HTMLElement>(".panel :is(input, textarea, select, button, [tabindex='0'])")?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <aside className="palette outline" aria-label="Outline" data-testid="outline">
      <div className="row outline-head">
        <h2 className="h">Outline</h2>
        <button
          type="button"
          className="icon-btn tiny push"
          aria-label="Close the outline"
          title="Close the outline  U"
          onClick={() => editor.setState({ outline: false })}
        >
          <IconX className="i i14" />
        </button>
      </div>
      {rows.length ? (
        <div role="tree" aria-label="Steps of the flow" className="outline-rows" ref={list} onKeyDown={keys}>
          {rows.map((row, index) => (
            <Row
              // biome-ignore lint/suspicious/noArrayIndexKey: a step may have several rows, in this order
              key={`${row.node.id} ${index}`}
              row={row}
              index={index}
              type={catalogue.get(row.node.type)}
              issues={row.again ? NONE : (issues.get(row.node.id) ?? NONE)}
              selected={index === at}
              focusable={index === Math.max(0, at)}
              onFocus={onFocus}
            />
          ))}
        </div>
      ) : (
        <p className="t3 palette-none">Nothing is drawn yet. Press N for the first step.</p>
      )}
      <footer>
        <span className="t3">N adds after · Delete · F2 renames · Enter opens</span>
      </footer>
    </aside>
  );
}

interface RowProps {
  row: OutlineRow;
  index: number;
  type: NodeType | undefined;
  issues: readonly Issue[];
  selected: boolean;
  focusable: boolean;
  onFocus: (event: FocusEvent<HTMLElement>) => void;
}

const Row = memo(function Row({ row, index, type, issues, selected, focusable, onFocus }: RowProps) {
  const { node, level, via, again, loose } = row;
  const name = node.name || type?.name || node.id;
  const first = issues.find(({ severity }) => severity !== "hint");
  const said = again ? "" : type ? summarise(type.summary, node.config).full : "of a kind that is not known here";
  const spoken = [
    via && `${via}:`,
    again ? `goes on at ${name}` : name,
    said && `, ${said}`,
    loose && ", no line leads here",
    node.disabled && ", switched off",
    first && `, ${first.message}`,
  ];
  return (
    <div
      role="treeitem"
      aria-level={level}
      aria-selected={selected}
      aria-label={spoken.filter(Boolean).join(" ").replaceAll(" ,", ",")}
      tabIndex={focusable ? 0 : -1}
      data-index={index}
      data-testid={again ? undefined : `outline-${node.id}`}
      className={`outline-row k-${type?.kind ?? "logic"}${again || node.disabled ? " t3" : ""}`}
      style={{ paddingLeft: 4 + (Math.min(level, 8) - 1) * 14 }}
      onFocus={onFocus}
    >
      {again ? <span className="outline-arrow">→</span> : <NodeIcon name={type?.icon ?? ""} className="i i14" />}
      <span className="cut">
        {via ? <span className="t3">{via}: </span> : null}
        {name}
      </span>
      {first ? (
        first.severity === "error" ? (
          <IconAlertCircle className="i i14 push is-failed" />
        ) : (
          <IconAlertTriangle className="i i14 push is-waiting" />
        )
      ) : null}
    </div>
  );
});
