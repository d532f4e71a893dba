/** The two readings of the canvas, each drawn by a component of its own, so that a delta does not draw the page. */

import { useEffect, useMemo, useRef } from "react";
import type { RunDetail } from "@/api/models";
import { Overlaid } from "@/canvas/Overlaid";
import { NO_OVERLAY } from "@/canvas/overlay";
import { Travellers } from "@/canvas/Travellers";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { usePaced } from "@/live/usePaced";
import { live, useTopic } from "@/live/useTopic";
import { useNow } from "@/ui/TimeAgo";
import type { Counts } from "./counts";
import { countsOf, type FlowLive } from "./data";
import { createDepartures } from "./departures";
import { follow, NO_FAILURES } from "./failures";
import { pathOverlay } from "./path";
import { createReader } from "./reader";

/** On a drawing this large, four times a second look as live as ten, and leave the frames to panning and dots. */
const MANY = 300;
const MANY_MS = 250;

interface Drawn {
  graph: Graph;
  catalogue: Catalogue;
}

/**
 * The counts of the flow on its cards and edges, and customers on the way between them.
 * Failures nobody has looked at beat until their card is chosen.
 */
export function Counted({ flow, graph, catalogue, looked }: Drawn & { flow: string; looked: string | null }) {
  const newest = useTopic<FlowLive, { counts: Counts }>(`flow:${flow}`, countsOf)?.counts;
  const counts = usePaced(newest, graph.nodes.length > MANY ? MANY_MS : 0);
  const read = useMemo(() => createReader(graph, catalogue), [graph, catalogue]);
  const failures = useRef(NO_FAILURES);
  const overlay = useMemo(() => {
    if (!counts) return NO_OVERLAY;
    const lines = (live.read(`flow:${flow}`).state as FlowLive | undefined)?.stream ?? {};
    failures.current = follow(failures.current, graph, counts, lines, looked, Date.now());
    return read(counts, failures.current.unseen);
  }, [counts, flow, graph, looked, read]);
  const departures = useMemo(() => createDepartures(graph, catalogue), [graph, catalogue]);
  const last = useRef<Counts | null>(null);
  const gone = useMemo(() => (counts ? departures(last.current, counts) : []), [departures, counts]);
  useEffect(() => {
    last.current = counts ?? null;
  }, [counts]);
  return (
    <>
      <Overlaid overlay={overlay} kept />
      <Travellers departures={gone} />
    </>
  );
}

/** The way of one run; its countdowns tick while it waits. */
export function Travelled({ run, graph, catalogue }: Drawn & { run: RunDetail }) {
  const now = useNow();
  const open = run.steps.some((step) => !step.left_at);
  const tick = open ? now : 0;
  const overlay = useMemo(() => pathOverlay(graph, catalogue, run, tick || Date.now()), [graph, catalogue, run, tick]);
  return <Overlaid overlay={overlay} />;
}
