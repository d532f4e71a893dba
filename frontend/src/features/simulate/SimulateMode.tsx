/** Simulate: one customer through the drawing as it stands, with the engine's own rules; nothing leaves the house. */

import "./simulate.css";
import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAlertTriangle, IconLock, IconPlayerPlay } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { FlowDetail } from "@/api/models";
import { called } from "@/api/people";
import { Canvas, type CanvasHandle } from "@/canvas/Canvas";
import { Overlaid } from "@/canvas/Overlaid";
import { NO_OVERLAY } from "@/canvas/overlay";
import { type Departure, Travellers } from "@/canvas/Travellers";
import type { Catalogue } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import type { Graph } from "@/graph/document";
import { EmptyState } from "@/ui/EmptyState";
import { eventOf, useSimulation } from "./data";
import { overlayOf } from "./path";
import { QUESTION, type Question, type Simulation } from "./question";
import { readsOf } from "./reads";
import { SimPanel } from "./SimPanel";
import { TimeBar } from "./TimeBar";
import { Who } from "./Who";
import { AtMoment, WithEvent } from "./With";

const STEP_MS = 900;
const NOTHING: ReadonlySet<string> = new Set();
const NOBODY: readonly Departure[] = [];

interface Props {
  flow: FlowDetail;
  graph: Graph;
  catalogue: Catalogue;
  /** What is wrong with the drawing: with any of it no engine would run it. */
  problems: readonly Issue[];
  onBuild: () => void;
}

export function SimulateMode({ flow, graph, catalogue, problems, onBuild }: Props) {
  const canvas = useRef<CanvasHandle>(null);
  const theme = useComputedColorScheme("light");
  const narrow = useMediaQuery("(max-width: 1199px)") ?? false;
  const [question, setQuestion] = useState<Question>(QUESTION);
  const [again, setAgain] = useState(0);
  const sound = graph.nodes.length > 0 && problems.length === 0;
  const asked = useSimulation(flow.id, graph, question, again, sound);
  const made = asked.error || !sound ? undefined : asked.data;
  const reads = useMemo(() => readsOf(graph), [graph]);
  const way = useWay(made);
  const { at, setAt, playing, setPlaying, play } = way;
  const overlay = useMemo(
    () => (made ? overlayOf(graph, catalogue, made.steps, at, Date.parse(made.at)) : NO_OVERLAY),
    [made, graph, catalogue, at],
  );
  const node = made?.steps[at]?.node;
  const selection = useMemo(() => (node ? new Set([node]) : NOTHING), [node]);
  useEffect(() => {
    if (node) canvas.current?.show(node);
  }, [node]);
  const select = useCallback(
    (ids: ReadonlySet<string>) => {
      const wanted = [...ids].find((id) => id !== node);
      const index = made?.steps.findLastIndex((step) => step.node === wanted) ?? -1;
      if (index >= 0) setAt(index);
    },
    [made, node, setAt],
  );
  const goTo = useCallback(
    (to: number) => {
      setPlaying(false);
      setAt(to);
    },
    [setAt, setPlaying],
  );
  useKeys(made, at, goTo, play);

  return (
    <div className={`main editor sim-mode${narrow ? " narrow" : ""}`}>
      <Canvas
        ref={canvas}
        graph={graph}
        catalogue={catalogue}
        mode="simulate"
        viewKey={flow.id}
        editable={false}
        selection={selection}
        onSelect={select}
        theme={theme}
      >
        <Overlaid overlay={overlay} />
        <Travellers departures={way.departures} />
        <div className="canvas-ui sim-bar" role="toolbar" aria-label="Simulation">
          <span className="t3 s12">Send</span>
          <Who
            question={question}
            shown={made ? called(made.customer) : ""}
            traits={reads.traits}
            onChange={(who) => setQuestion({ ...question, who })}
          />
          <span className="t3 s12">with</span>
          <WithEvent
            name={eventOf(graph) || "its trigger"}
            properties={question.properties}
            assumed={made?.event.properties ?? {}}
            reads={reads.properties}
            onChange={(properties) => setQuestion({ ...question, properties })}
          />
          <span className="t3 s12">at</span>
          <AtMoment
            at={question.at}
            shown={made?.at ?? ""}
            onChange={(moment) => setQuestion({ ...question, at: moment })}
          />
          <span className="push" />
          <span className="sim-safe t3 s12" title="Nothing leaves the house: no vendor is called, nobody is written to">
            <IconLock className="i i12" />
            <span>Nothing is sent</span>
          </span>
          <button
            type="button"
            className="btn btn-ink btn-sm"
            disabled={asked.isFetching || !sound}
            onClick={() => {
              setAgain(again + 1);
              setAt(0);
              setPlaying(true);
            }}
            data-testid="sim-again"
          >
            <IconPlayerPlay className="i i14" />
            Again
          </button>
        </div>
        {made?.steps.length ? <TimeBar made={made} at={at} playing={playing} onAt={goTo} onPlay={play} /> : null}
      </Canvas>
      {!sound || asked.error ? (
        <Trouble said={said(problems, asked.error)} empty={graph.nodes.length === 0} onBuild={onBuild} />
      ) : made ? (
        <SimPanel
          made={made}
          stale={asked.isPlaceholderData}
          at={at}
          onAt={goTo}
          graph={graph}
          catalogue={catalogue}
          question={question}
          onQuestion={setQuestion}
        />
      ) : (
        <aside className="panel" aria-label="Simulation" aria-busy="true" />
      )}
    </div>
  );
}

/** Where on the path one is, and the walk along it. A new path is shown whole; played, it begins at its start. */
function useWay(made: Simulation | undefined) {
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [departures, setDepartures] = useState<readonly Departure[]>(NOBODY);
  const last = (made?.steps.length ?? 1) - 1;
  const known = useRef<Simulation>(undefined);
  useEffect(() => {
    if (!made || known.current === made) return;
    known.current = made;
    if (!playing) setAt(made.steps.length - 1);
  }, [made, playing]);
  useEffect(() => {
    if (!playing || !made) return;
    if (at >= last) {
      setPlaying(false);
      return;
    }
    const step = made.steps[at];
    const timer = setTimeout(() => setAt(at + 1), STEP_MS);
    setDepartures((step?.edges ?? []).map((edge) => ({ edge, count: 1, failed: step?.status === "failed" })));
    return () => clearTimeout(timer);
  }, [playing, made, at, last]);
  const play = useCallback(() => {
    if (playing) return setPlaying(false);
    if (at >= last) setAt(0);
    setPlaying(true);
  }, [playing, at, last]);
  return { at: Math.max(0, Math.min(at, last)), setAt, playing, setPlaying, play, departures };
}

/** Arrow keys step, the space bar plays, wherever nothing else wants them. */
function useKeys(made: Simulation | undefined, at: number, onAt: (at: number) => void, play: () => void): void {
  useEffect(() => {
    const last = (made?.steps.length ?? 0) - 1;
    const keys = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || last < 0) return;
      if (
        target?.closest(
          "input, textarea, select, [role=dialog], [role=menu], [role=tablist], [role=listbox], .sim-time ol",
        )
      )
        return;
      if (event.key === " " && target?.closest("button, a")) return;
      if (event.key === "ArrowRight" || event.key === "ArrowLeft")
        onAt(Math.min(last, Math.max(0, at + (event.key === "ArrowRight" ? 1 : -1))));
      else if (event.key === " ") play();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", keys, { capture: true });
    return () => document.removeEventListener("keydown", keys, { capture: true });
  }, [made, at, onAt, play]);
}

function said(problems: readonly Issue[], error: Error | null): string {
  const [first] = problems;
  if (!first) return error?.message ?? "";
  const more = problems.length - 1;
  return more ? `${first.message} And ${more} more.` : first.message;
}

interface TroubleProps {
  said: string;
  empty: boolean;
  onBuild: () => void;
}

/** Why there is no path: the drawing has errors, or what was asked cannot be. */
function Trouble({ said: why, empty, onBuild }: TroubleProps) {
  return (
    <aside className="panel" aria-label="Simulation" data-testid="sim-trouble">
      <EmptyState
        icon={<IconAlertTriangle className="i" />}
        title={empty ? "There is nothing to go through yet" : "It cannot be gone through"}
        actions={
          <button type="button" className="btn btn-ink" onClick={onBuild}>
            Mend it in Build
          </button>
        }
      >
        {empty ? "Begin with a trigger, then send somebody through." : why}
      </EmptyState>
    </aside>
  );
}
