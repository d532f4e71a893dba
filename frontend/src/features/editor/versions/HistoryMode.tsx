/** History: the versions of a flow, what each changed on the drawing itself, and the way back to an old one. */

import "./versions.css";
import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { FlowDetail } from "@/api/models";
import { versionQuery } from "@/api/nodes";
import { Canvas, type CanvasHandle } from "@/canvas/Canvas";
import { NO_OVERLAY, type Overlay } from "@/canvas/overlay";
import { type Compared, compare } from "@/graph/compare";
import { EMPTY, type Graph, readGraph, sameGraph } from "@/graph/document";
import { QueryBanner } from "@/ui/Banner";
import { More } from "@/ui/More";
import { SelectField } from "@/ui/SelectField";
import type { Saver } from "../saver";
import { graphOf, useEditor, useEditorStore } from "../store";
import { Changes } from "./Changes";
import { useDiff, useVersions } from "./data";
import { VersionRow } from "./VersionRow";

const WORDS = { added: "Added", changed: "Changed", removed: "Removed" } as const;

function useGraph(flow: string, number: number | null): Graph | null {
  const { data } = useQuery({ ...versionQuery(flow, number ?? 0), enabled: number !== null });
  return useMemo(() => (data ? readGraph(data.graph) : null), [data]);
}

/** What is written on the cards: what became of each. Lines that are gone keep their names to themselves. */
function overlayOf(compared: Compared): Overlay {
  const nodes = Object.entries(compared.nodes).map(([id, mark]) => [id, { mark, foot: [{ strong: WORDS[mark] }] }]);
  const edges = Object.entries(compared.edges).map(([id, mark]) => [
    id,
    mark === "removed" ? { mark, label: "" } : { mark },
  ]);
  return { nodes: Object.fromEntries(nodes), edges: Object.fromEntries(edges) };
}

interface Props {
  flow: FlowDetail;
  saver: Saver;
  onBuild: () => void;
}

export function HistoryMode({ flow, saver, onBuild }: Props) {
  const editor = useEditorStore();
  const editable = useEditor((state) => state.editable);
  const catalogue = useEditor((state) => state.catalogue);
  const draft = useEditor(graphOf);
  const canvas = useRef<CanvasHandle>(null);
  const theme = useComputedColorScheme("light");
  const narrow = useMediaQuery("(max-width: 1199px)") ?? false;
  const [search, setSearch] = useSearchParams();
  const [node, setNode] = useState<string | null>(null);
  const versions = useVersions(flow.id);
  const asked = Number(search.get("version"));
  const number = Number.isInteger(asked) && asked > 0 ? asked : flow.published_version;
  const against = search.get("against") ?? "";
  const put = (changes: Record<string, string>) => {
    setNode(null);
    setSearch((before) => {
      const next = new URLSearchParams(before);
      for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name);
      return next;
    });
  };

  const diff = useDiff(flow.id, number, against);
  const mine = useGraph(flow.id, number);
  const other = diff.data ? (diff.data.before?.version === number ? diff.data.after : diff.data.before) : null;
  const theirs = useGraph(flow.id, other?.version ?? null);
  const compared = useMemo(() => {
    if (!mine || !diff.data) return null;
    const across = against === "draft" ? draft : other ? theirs : EMPTY;
    if (!across) return null;
    const first = diff.data.before?.version === number;
    const [before, after] = first ? [mine, across] : [across, mine];
    // The first version is compared with nothing: it is shown as it is.
    if (!diff.data.before) return { graph: mine, nodes: {}, edges: {} };
    return compare(
      before,
      after,
      catalogue,
      diff.data.nodes.changed.map(({ id }) => id),
    );
  }, [mine, theirs, draft, other, against, diff.data, number, catalogue]);
  const overlay = useMemo(() => (compared ? overlayOf(compared) : NO_OVERLAY), [compared]);
  const here = useMemo(() => mine !== null && sameGraph(mine, draft), [mine, draft]);
  const selection = useMemo(() => new Set(node ? [node] : []), [node]);
  const select = useCallback((ids: ReadonlySet<string>) => setNode([...ids].at(-1) ?? null), []);
  const show = (id: string) => {
    setNode(id);
    canvas.current?.show(id);
  };
  const restore = () => {
    if (!mine || number === null) return;
    editor.adopt(mine, `Restore v${number}`);
    void saver.flush();
    onBuild();
    notifications.show({
      message: `v${number} is in the draft now. Publish it to put it in force; undo brings your draft back.`,
    });
  };

  const rows = versions.rows ?? [];
  const choices = [
    { value: "", name: "the version before" },
    ...(number === flow.published_version || !flow.published_version
      ? []
      : [{ value: String(flow.published_version), name: `v${flow.published_version}, in force` }]),
    { value: "draft", name: "the draft" },
    ...rows
      .filter((row) => row.number !== number && row.number !== flow.published_version)
      .map((row) => ({ value: String(row.number), name: `v${row.number}` })),
  ];
  return (
    <div className={`main editor history-mode${narrow ? " narrow" : ""}`}>
      <Canvas
        ref={canvas}
        key={compared ? "drawn" : "empty"}
        graph={compared?.graph ?? mine ?? EMPTY}
        catalogue={catalogue}
        mode="history"
        viewKey={flow.id}
        editable={false}
        selection={selection}
        onSelect={select}
        overlay={overlay}
        theme={theme}
      >
        <div className="canvas-banner">
          <QueryBanner error={versions.error ?? diff.error} since={0} retry={() => void diff.refetch()} />
        </div>
      </Canvas>
      <aside className="panel" aria-label="Versions" data-testid="versions">
        <header>
          <div className="row">
            <h2 className="grow">Versions</h2>
            {editable ? (
              <button
                type="button"
                className="btn btn-line btn-sm"
                disabled={!mine || here}
                onClick={restore}
                title={
                  here
                    ? "The draft is just as this version."
                    : "Puts this version into the draft. Nothing happens to customers before you publish it."
                }
                data-testid="restore"
              >
                <IconArrowBackUp className="i i14" />
                Restore v{number} to the draft
              </button>
            ) : null}
          </div>
        </header>
        <div className="body">
          <ol className="versions" aria-label="Versions, the newest first">
            {rows.map((row) => (
              <VersionRow
                key={row.id}
                version={row}
                live={row.number === flow.published_version}
                on={row.number === number}
                onChoose={(chosen) => put({ version: String(chosen), against: "" })}
              />
            ))}
          </ol>
          {versions.hasNextPage ? (
            <More has busy={versions.isFetchingNextPage} load={() => void versions.fetchNextPage()} />
          ) : null}
          <section className="compared" aria-live="polite">
            <div className="row">
              <h3 className="h grow">v{number} compared with</h3>
              <SelectField
                label={`What v${number} is compared with`}
                value={against}
                choices={choices}
                onChange={(value) => put({ against: value })}
              />
            </div>
            {diff.data ? (
              <>
                <p className="t2 s12">
                  {diff.data.before ? diff.data.sentence : "The first version: everything in it was new."}
                </p>
                {diff.data.before ? <Changes diff={diff.data} catalogue={catalogue} node={node} onNode={show} /> : null}
              </>
            ) : (
              <p className="t3 s12">Comparing…</p>
            )}
          </section>
        </div>
      </aside>
    </div>
  );
}
