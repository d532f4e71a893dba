/** The editor: bar, palette, canvas, panel; or, in Live, the same canvas with what happens on it. */

import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { lazy, Suspense, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { FlowDetail } from "@/api/models";
import { Canvas, type CanvasHandle, type MenuTarget } from "@/canvas/Canvas";
import type { Mode } from "@/canvas/overlay";
import { reconnect, replaceNode } from "@/graph/alter";
import type { Catalogue } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import type { Graph, NoteColor, Point } from "@/graph/document";
import { carried, groupNamed, renameGroup, setCollapsed } from "@/graph/groups";
import { connect, editNote, move, type Place, rename } from "@/graph/operations";
import { PageLoading } from "@/ui/PageLoading";
import { add, current, naturalPlace, note, putDown } from "./actions";
import { Banners } from "./Banners";
import { ContextMenu } from "./ContextMenu";
import type { Tools } from "./commands";
import { EditorBar } from "./EditorBar";
import { EmptyHint } from "./EmptyHint";
import { NameFlow } from "./NameFlow";
import { Outline } from "./Outline";
import { Palette } from "./Palette";
import { PaletteStrip } from "./PaletteStrip";
import { PeopleContext } from "./People";
import { Picker } from "./Picker";
import { PickingBar } from "./PickingBar";
import { SidePanel } from "./panel/SidePanel";
import { SearchBar } from "./SearchBar";
import { ShortcutSheet } from "./ShortcutSheet";
import type { Saver } from "./saver";
import { graphOf, useEditor, useEditorStore } from "./store";
import { useDragNew } from "./useDragNew";
import { useIssues, useIssuesByNode } from "./useIssues";
import { useKeys } from "./useKeys";
import { useOffer, useOfferModes } from "./useOffer";
import { useTidy } from "./useTidy";
import { othersOf, useTogether } from "./useTogether";

type LiveProps = { flow: FlowDetail; catalogue: Catalogue };
const found = import.meta.glob<{ LiveMode: React.ComponentType<LiveProps> }>([
  "../live/LiveMode.tsx",
  "./live/LiveMode.tsx",
]);
const [loadLive] = Object.values(found);
const HistoryMode = lazy(async () => ({ default: (await import("./versions/HistoryMode")).HistoryMode }));
const LiveMode = loadLive ? lazy(async () => ({ default: (await loadLive()).LiveMode })) : null;
type SimulateProps = {
  flow: FlowDetail;
  graph: Graph;
  catalogue: Catalogue;
  problems: readonly Issue[];
  onBuild: () => void;
};
const [loadSimulate] = Object.values(
  import.meta.glob<{ SimulateMode: React.ComponentType<SimulateProps> }>("../simulate/SimulateMode.tsx"),
);
const SimulateMode = loadSimulate ? lazy(async () => ({ default: (await loadSimulate()).SimulateMode })) : null;

/** Simulates what is drawn now, saved or not. */
function Simulate({ flow, onBuild }: { flow: FlowDetail; onBuild: () => void }) {
  const graph = useEditor(graphOf);
  const catalogue = useEditor((state) => state.catalogue);
  const issues = useIssues();
  const problems = useMemo(() => issues.filter((issue) => issue.severity === "error"), [issues]);
  return SimulateMode ? (
    <SimulateMode flow={flow} graph={graph} catalogue={catalogue} problems={problems} onBuild={onBuild} />
  ) : null;
}

const NOTHING_FOUND = { hits: new Set<string>(), hit: null };

function Build({ flow, saver }: { flow: FlowDetail; saver: Saver }) {
  const editor = useEditorStore();
  const canvas = useRef<CanvasHandle>(null);
  const graph = useEditor(graphOf);
  const catalogue = useEditor((state) => state.catalogue);
  const editable = useEditor((state) => state.editable);
  const selection = useEditor((state) => state.selection);
  const settle = useEditor((state) => state.settle);
  const theme = useComputedColorScheme("light");
  const narrow = useMediaQuery("(max-width: 1199px)") ?? false;
  const issues = useIssuesByNode();
  const outlined = useEditor((state) => state.outline);
  const [help, setHelp] = useState(false);
  const tidy = useTidy(canvas);
  const tools = useMemo(
    (): Tools => ({
      editor,
      canvas,
      save: () => void saver.flush(),
      tidy,
      help: () => setHelp(true),
      say: (title, message = "") => notifications.show({ title, message }),
    }),
    [editor, saver, tidy],
  );
  useKeys(tools);
  useOffer(tools);
  const people = useContext(PeopleContext);
  const others = useMemo(() => othersOf(people), [people]);
  const looked = useEditor((state) => state.looked);
  useEffect(() => {
    if (!looked) return;
    canvas.current?.show(looked);
    editor.setState({ looked: null });
  }, [looked, editor]);
  const [menu, setMenu] = useState<MenuTarget | null>(null);
  const [found, setFound] = useState<{ hits: ReadonlySet<string>; hit: string | null }>(NOTHING_FOUND);
  const onFound = useCallback((hits: ReadonlySet<string>, hit: string | null) => setFound({ hits, hit }), []);
  const drag = useDragNew(
    canvas,
    useCallback((type, place) => add(editor, canvas.current, type, place), [editor]),
  );
  const show = useCallback((id: string) => canvas.current?.show(id), []);
  const select = useCallback(
    (ids: ReadonlySet<string>) => {
      const [id] = ids;
      // With something in the hand a card is not chosen: it says where that goes.
      if (editor.getState().picking && id && ids.size === 1 && current(editor).nodes.some((node) => node.id === id)) {
        if (!putDown(editor, id))
          tools.say("That is no place for it", "It would lead to itself, or nothing can follow.");
        return;
      }
      editor.select(ids);
    },
    [editor, tools],
  );
  const onRename = useCallback(
    (id: string, name: string) => {
      editor.act((groupNamed(current(editor), id) ? renameGroup : rename)(current(editor), id, name));
      editor.rest();
    },
    [editor],
  );

  return (
    <div className={`main editor${narrow ? " narrow" : ""}`}>
      {outlined ? (
        <Outline onShow={show} />
      ) : narrow ? null : (
        <Palette
          onAdd={(type) => add(editor, canvas.current, type, naturalPlace(editor, canvas.current))}
          onDragStart={drag.start}
        />
      )}
      <Canvas
        ref={canvas}
        graph={graph}
        catalogue={catalogue}
        mode="build"
        viewKey={flow.id}
        editable={editable}
        selection={selection}
        onSelect={select}
        issues={issues}
        settle={settle}
        theme={theme}
        others={others}
        hits={found.hits}
        hit={found.hit}
        onMove={(places) => editor.act(move(current(editor), carried(current(editor), catalogue, places)))}
        onReconnect={(edge, end) => editor.act(reconnect(current(editor), catalogue, edge, end))}
        onMenu={editable ? setMenu : undefined}
        onRename={onRename}
        onCollapse={useCallback(
          (id: string, collapsed: boolean) => editor.act(setCollapsed(current(editor), catalogue, id, collapsed)),
          [editor, catalogue],
        )}
        onNoteColor={useCallback(
          (id: string, color: NoteColor) => editor.act(editNote(current(editor), id, { color })),
          [editor],
        )}
        onConnect={(source, port, target) => editor.act(connect(current(editor), catalogue, source, port, target))}
        onAdd={useCallback(
          (place: Place, anchor: DOMRect) => {
            if (!editor.getState().picking) editor.setState({ picker: { place, anchor } });
            else if (!putDown(editor, place)) tools.say("That is no place for it", "A branch cannot lead into itself.");
          },
          [editor, tools],
        )}
        onTidy={() => tidy()}
        onNote={() => note(editor, canvas.current)}
        onNoteText={useCallback(
          (id: string, text: string) => editor.act(editNote(current(editor), id, { text })),
          [editor],
        )}
        onNoteSize={useCallback(
          (id: string, size: { w: number; h: number }, position: Point) =>
            editor.act(editNote(current(editor), id, { size, position })),
          [editor],
        )}
      >
        {narrow && editable && !outlined ? <PaletteStrip /> : null}
        <EmptyHint />
        <PickingBar />
        <SearchBar canvas={canvas} onFound={onFound} />
        <Banners saver={saver} />
      </Canvas>
      <SidePanel flow={flow} narrow={narrow} onShow={show} tools={tools} />
      <Picker
        onPick={(type, asked) => {
          editor.setState({ picker: null });
          if (asked.replace) editor.act(replaceNode(current(editor), catalogue, asked.replace, type));
          else add(editor, canvas.current, type, asked.place ?? naturalPlace(editor, canvas.current));
        }}
      />
      {drag.view}
      <ContextMenu target={menu} tools={tools} onClose={() => setMenu(null)} />
      <NameFlow tools={tools} />
      <ShortcutSheet opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

export function Editor({ flow, saver }: { flow: FlowDetail; saver: Saver }) {
  const [search, setSearch] = useSearchParams();
  const catalogue = useEditor((state) => state.catalogue);
  const live = Boolean(LiveMode && flow.published_version);
  const modes: Mode[] = [
    "build",
    ...(SimulateMode ? (["simulate"] as const) : []),
    ...(live ? (["live"] as const) : []),
    ...(flow.published_version ? (["history"] as const) : []),
  ];
  const mode = modes.find((each) => each === search.get("mode")) ?? "build";
  const run = search.get("run");
  const people = useTogether(flow.id, saver, mode === "build");
  const setMode = (next: Mode) =>
    setSearch(next === "build" ? {} : { mode: next, ...(next === "live" && run ? { run } : {}) });
  useOfferModes(mode, modes, setMode);
  return (
    <PeopleContext value={people}>
      <EditorBar flow={flow} saver={saver} mode={mode} modes={modes} onMode={setMode} />
      {mode === "live" && LiveMode ? (
        <Suspense fallback={<PageLoading />}>
          <LiveMode flow={flow} catalogue={catalogue} />
        </Suspense>
      ) : mode === "simulate" ? (
        <Suspense fallback={<PageLoading />}>
          <Simulate flow={flow} onBuild={() => setMode("build")} />
        </Suspense>
      ) : mode === "history" ? (
        <Suspense fallback={<PageLoading />}>
          <HistoryMode flow={flow} saver={saver} onBuild={() => setMode("build")} />
        </Suspense>
      ) : (
        <Build flow={flow} saver={saver} />
      )}
    </PeopleContext>
  );
}
