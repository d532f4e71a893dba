/** Live: the published drawing with what happens on it, all runs at once or one run's way. */

import "./live.css";
import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { FlowDetail, RunDetail, Step } from "@/api/models";
import { Canvas, type CanvasHandle } from "@/canvas/Canvas";
import type { Catalogue } from "@/graph/catalogue";
import { EMPTY } from "@/graph/document";
import { LiveBanner } from "@/live/LiveBanner";
import { useRun } from "@/live/useRun";
import { useRefusal, useTopic } from "@/live/useTopic";
import { Banner, QueryBanner } from "@/ui/Banner";
import { type FlowLive, flowOf, useVersion } from "./data";
import { Counted, Travelled } from "./overlays";
import { standsAt } from "./path";
import { RunBar } from "./RunBar";
import { RunHint } from "./RunHint";
import { faceOf, RunPanel } from "./RunPanel";
import { StreamPanel } from "./StreamPanel";
import type { Filter } from "./stream";
import { TotalsStrip } from "./Totals";
import { whoseTotals } from "./useTotals";

const NOTHING: ReadonlySet<string> = new Set();

/** The open run by the page's address, so that it can be sent to somebody and the back button leads out of it. */
function useRunAddress() {
  const [search, setSearch] = useSearchParams();
  const id = search.get("run");
  const open = useCallback(
    (run: string | null) =>
      setSearch((before) => {
        const next = new URLSearchParams(before);
        if (run) next.set("run", run);
        else next.delete("run");
        return next;
      }),
    [setSearch],
  );
  return { id, open };
}

/** The editor's bar reads the flow once: when it is published or paused elsewhere, it reads it again. */
function useFlowNow(flow: FlowDetail) {
  const now = useTopic<FlowLive, FlowLive["flow"]>(`flow:${flow.id}`, flowOf);
  const client = useQueryClient();
  const moved = now && (now.state !== flow.state || now.version !== flow.published_version || now.name !== flow.name);
  useEffect(() => {
    if (moved) void client.invalidateQueries({ queryKey: ["flows", flow.id] });
  }, [moved, client, flow.id]);
  return { state: now?.state ?? flow.state, version: now?.version ?? flow.published_version };
}

/** Which step is open: the one that was chosen, by its card or its row; a card without a step is `missed`. */
function useStepChoice(run: RunDetail | undefined) {
  const [chosen, setChosen] = useState<{ run: string; node: string; step: string | null } | null>(null);
  const mine = chosen && chosen.run === run?.id ? chosen : null;
  const choose = useCallback(
    (node: string | null, step: string | null = null) => {
      if (!run || node === null) return setChosen(null);
      const last = run.steps.filter((each) => each.node === node).at(-1);
      setChosen({ run: run.id, node, step: step ?? last?.id ?? null });
    },
    [run],
  );
  return { node: mine?.node ?? null, step: mine?.step ?? null, choose };
}

export function LiveMode({ flow, catalogue }: { flow: FlowDetail; catalogue: Catalogue }) {
  const canvas = useRef<CanvasHandle>(null);
  const theme = useComputedColorScheme("light");
  const narrow = useMediaQuery("(max-width: 1199px)") ?? false;
  const address = useRunAddress();
  const { run, error } = useRun(address.id);
  const now = useFlowNow(flow);
  const version = useVersion(flow.id, address.id && run ? run.version : now.version);
  const { graph } = version;
  const whose = useMemo(() => (graph ? whoseTotals(flow.id, graph, catalogue) : null), [flow.id, graph, catalogue]);
  const refusal = useRefusal(`flow:${flow.id}`);
  const [filter, setFilter] = useState<Filter>("all");
  const [node, setNode] = useState<string | null>(null);
  const [hidden, setHidden] = useState(false);
  const choice = useStepChoice(run);
  const inRun = address.id !== null;

  const close = useCallback(() => address.open(null), [address.open]);
  const face = useCallback((id: string) => faceOf(graph, catalogue, id), [graph, catalogue]);
  const picked = inRun ? choice.node : node;
  const selection = useMemo(() => (picked ? new Set([picked]) : NOTHING), [picked]);
  const select = useCallback(
    (ids: ReadonlySet<string>) => {
      // Choosing a card adds it to what is chosen until React Flow takes the old one away: the new one is meant.
      const cards = [...ids].filter((id) => graph?.nodes.some((each) => each.id === id));
      const to = cards.find((id) => id !== picked) ?? cards[0] ?? null;
      if (inRun) choice.choose(to);
      else setNode(to);
    },
    [graph, picked, inRun, choice.choose],
  );
  const showStep = useCallback(
    (step: Step) => {
      if (step.id === choice.step) return choice.choose(null);
      choice.choose(step.node, step.id);
      canvas.current?.show(step.node);
    },
    [choice.step, choice.choose],
  );

  // A run that is opened comes into view where it stands, once its own version is drawn.
  const shown = useRef<string | null>(null);
  const drawn = version.number === run?.version;
  useEffect(() => {
    if (!address.id) shown.current = null;
    if (!address.id || !run || !drawn || shown.current === run.id) return;
    shown.current = run.id;
    const at = standsAt(run);
    if (at) canvas.current?.show(at);
  }, [address.id, run, drawn]);

  useEffect(() => {
    if (inRun || (!node && filter === "all")) return;
    const clear = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("[role=dialog],[role=menu]"))
        return;
      setNode(null);
      setFilter("all");
    };
    document.addEventListener("keydown", clear);
    return () => document.removeEventListener("keydown", clear);
  }, [inRun, node, filter]);

  return (
    <div className={`main editor live-mode${narrow ? " narrow" : ""}${inRun ? " one-run" : ""}`}>
      <Canvas
        ref={canvas}
        key={graph ? "drawn" : "empty"}
        graph={graph ?? EMPTY}
        catalogue={catalogue}
        mode="live"
        viewKey={flow.id}
        editable={false}
        selection={selection}
        onSelect={select}
        theme={theme}
      >
        {graph && inRun && run && drawn ? <Travelled run={run} graph={graph} catalogue={catalogue} /> : null}
        {graph && !inRun ? <Counted flow={flow.id} graph={graph} catalogue={catalogue} looked={node} /> : null}
        <div className="canvas-banner">
          <LiveBanner />
          {refusal ? <Banner>{refusal}</Banner> : null}
          <QueryBanner error={version.error} since={0} retry={version.refetch} />
        </div>
        {!inRun && hidden && whose ? <TotalsStrip whose={whose} onOpen={() => setHidden(false)} /> : null}
        {inRun && run ? <RunHint run={run} onClose={close} /> : null}
        {inRun && run ? <RunBar run={run} face={face} step={choice.step} onStep={showStep} /> : null}
      </Canvas>
      {inRun ? (
        <RunPanel
          run={run}
          error={error}
          onOpen={address.open}
          graph={graph}
          catalogue={catalogue}
          step={choice.step}
          missed={choice.node && !choice.step ? choice.node : null}
          onStep={showStep}
          onClose={close}
        />
      ) : hidden || !whose ? null : (
        <StreamPanel
          flow={flow}
          state={now.state}
          whose={whose}
          node={node ? { id: node, name: face(node).name } : null}
          filter={filter}
          onFilter={setFilter}
          onNode={setNode}
          onOpen={address.open}
          onHide={() => setHidden(true)}
        />
      )}
    </div>
  );
}
