/** The editor: bar, palette, canvas, panel; or, in Live, the same canvas with what happens on it. */

import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { FlowDetail } from "@/api/models";
import { Canvas, type CanvasHandle } from "@/canvas/Canvas";
import type { Mode } from "@/canvas/overlay";
import type { Catalogue } from "@/graph/catalogue";
import { connect, editNote, move, type Place } from "@/graph/operations";
import { PageLoading } from "@/ui/PageLoading";
import { add, current, naturalPlace, note } from "./actions";
import { Banners } from "./Banners";
import { EditorBar } from "./EditorBar";
import { EmptyHint } from "./EmptyHint";
import { Palette } from "./Palette";
import { PaletteStrip } from "./PaletteStrip";
import { Picker } from "./Picker";
import { SidePanel } from "./panel/SidePanel";
import { ShortcutSheet } from "./ShortcutSheet";
import type { Saver } from "./saver";
import { graphOf, useEditor, useEditorStore } from "./store";
import { useDragNew } from "./useDragNew";
import { useIssuesByNode } from "./useIssues";
import { useKeys } from "./useKeys";
import { useTidy } from "./useTidy";

type LiveProps = { flow: FlowDetail; catalogue: Catalogue };
const found = import.meta.glob<{ LiveMode: React.ComponentType<LiveProps> }>([
  "../live/LiveMode.tsx",
  "./live/LiveMode.tsx",
]);
const [loadLive] = Object.values(found);
const LiveMode = loadLive ? lazy(async () => ({ default: (await loadLive()).LiveMode })) : null;

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
  const [help, setHelp] = useState(false);
  const tidy = useTidy(canvas);
  const keys = useMemo(() => ({ save: () => void saver.flush(), tidy, help: () => setHelp(true) }), [saver, tidy]);
  useKeys(editor, canvas, keys);
  const drag = useDragNew(
    canvas,
    useCallback((type, place) => add(editor, canvas.current, type, place), [editor]),
  );
  const show = useCallback((id: string) => canvas.current?.show(id), []);

  return (
    <div className={`main editor${narrow ? " narrow" : ""}`}>
      {narrow ? null : (
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
        onSelect={editor.select}
        issues={issues}
        settle={settle}
        theme={theme}
        onMove={(places) => editor.act(move(current(editor), places))}
        onConnect={(source, port, target) => editor.act(connect(current(editor), catalogue, source, port, target))}
        onAdd={useCallback((place: Place, anchor: DOMRect) => editor.setState({ picker: { place, anchor } }), [editor])}
        onTidy={tidy}
        onNote={() => note(editor, canvas.current)}
        onNoteText={useCallback(
          (id: string, text: string) => editor.act(editNote(current(editor), id, { text })),
          [editor],
        )}
        onNoteSize={useCallback(
          (id: string, size: { w: number; h: number }) => editor.act(editNote(current(editor), id, { size })),
          [editor],
        )}
      >
        {narrow && editable ? <PaletteStrip /> : null}
        <EmptyHint />
        <Banners saver={saver} />
      </Canvas>
      <SidePanel flow={flow} narrow={narrow} onShow={show} />
      <Picker
        onPick={(type, asked) => {
          editor.setState({ picker: null });
          add(editor, canvas.current, type, asked.place ?? naturalPlace(editor, canvas.current));
        }}
      />
      {drag.view}
      <ShortcutSheet opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

export function Editor({ flow, saver }: { flow: FlowDetail; saver: Saver }) {
  const [search, setSearch] = useSearchParams();
  const catalogue = useEditor((state) => state.catalogue);
  const live = Boolean(LiveMode && flow.published_version);
  const mode: Mode = live && search.get("mode") === "live" ? "live" : "build";
  const run = search.get("run");
  const setMode = (next: Mode) => setSearch(next === "live" ? { mode: "live", ...(run ? { run } : {}) } : {});
  return (
    <>
      <EditorBar flow={flow} saver={saver} mode={mode} onMode={live ? setMode : null} />
      {mode === "live" && LiveMode ? (
        <Suspense fallback={<PageLoading />}>
          <LiveMode flow={flow} catalogue={catalogue} />
        </Suspense>
      ) : (
        <Build flow={flow} saver={saver} />
      )}
    </>
  );
}
