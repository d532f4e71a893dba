/** Asking the server for a path: the graph as it is drawn goes along, nothing is saved and nothing is sent. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { post } from "@/api/http";
import type { Graph } from "@/graph/document";
import { bodyOf, type Question, type Simulation } from "./question";

/** The event that the flow's trigger waits for, '' when it waits for none. */
export function eventOf(graph: Graph): string {
  const trigger = graph.nodes.find((node) => node.type.startsWith("trigger."));
  return typeof trigger?.config.event === "string" ? trigger.config.event : "";
}

/** The path for this question; a drawing that is not `sound` is not asked about. */
export function useSimulation(flow: string, graph: Graph, question: Question, again: number, sound: boolean) {
  const body = useMemo(
    () =>
      bodyOf(
        question,
        eventOf(graph),
        graph.nodes.some((node) => node.type === "repeat"),
      ),
    [question, graph],
  );
  // A graph never changes while it is simulated; its size would make it a slow key.
  const drawn = useMemo(() => ({ graph, key: crypto.randomUUID() }), [graph]);
  return useQuery({
    queryKey: ["simulate", flow, drawn.key, body, again],
    queryFn: ({ signal }) => post<Simulation>(`flows/${flow}/simulate/`, { ...body, graph: drawn.graph }, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
    enabled: sound,
  });
}
