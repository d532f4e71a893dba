/** What Live mode is told: the flow's topic, and the graph that its counts belong to. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { CustomerRef, FlowState, Run } from "@/api/models";
import { versionQuery } from "@/api/nodes";
import { type Graph, readGraph } from "@/graph/document";
import type { Counts } from "./counts";

/** The newest sentence about one run. */
export interface Line {
  readonly run: string;
  readonly customer: Pick<CustomerRef, "id" | "name" | "email">;
  readonly node: string;
  readonly status: string;
  readonly state: string;
  readonly sentence: string;
  readonly at: string;
}

export type Lines = Readonly<Record<string, Line>>;

export interface FlowLive {
  readonly flow: { id: string; name: string; state: FlowState; version: number | null; draft_revision: number };
  readonly counts: Counts;
  readonly stream: Lines;
  readonly sampled: boolean;
}

/** In a box: one look at its identity tells whether anything in them moved. */
export const countsOf = (state: FlowLive): { counts: Counts } => ({ counts: state.counts });
export const streamOf = (state: FlowLive): Lines => state.stream;
export const sampledOf = (state: FlowLive): boolean => Boolean(state.sampled);
/** Whether anybody ever came in. */
export const begunOf = (state: FlowLive): boolean => Boolean(state.counts.run?.entered);
export const flowOf = (state: FlowLive) => state.flow;

/** The graph of a version; the one before stays drawn until the new one is here. */
export function useVersion(flow: string, number: number | null) {
  const query = useQuery({
    ...versionQuery(flow, number ?? 0),
    enabled: number !== null,
    placeholderData: keepPreviousData,
  });
  const graph = useMemo((): Graph | null => (query.data ? readGraph(query.data.graph) : null), [query.data]);
  return { graph, number: query.data?.number ?? null, error: query.error, refetch: () => void query.refetch() };
}

/** A run of a list as a line of the stream; the list does not say when it moved last, only when it began or ended. */
export function lineOf(run: Run): Line {
  return {
    run: run.id,
    customer: run.customer,
    node: run.node?.id ?? "",
    status: run.status,
    state: run.state,
    sentence: run.sentence,
    at: run.ended_at ?? run.started_at,
  };
}
