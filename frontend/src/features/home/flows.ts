import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Flow, FlowDetail, FlowState } from "@/api/models";
import type { State } from "@/ui/glyphs";

/** What a flow may begin with, the onboarding unit first. */
export const useTemplates = (enabled = true) =>
  useQuery({
    queryKey: ["templates"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/templates/", { signal }))).results,
    staleTime: 3_600_000,
    enabled,
  });

type New = { name: string; template?: string };

/** What can be done with flows from the list; each change renews the list. */
export function useFlowActions() {
  const client = useQueryClient();
  const renew = async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ["list", "flows/"] }),
      client.invalidateQueries({ queryKey: ["home"] }),
    ]);
  };
  const create = useMutation({
    mutationFn: (made: New) => answer(api.POST("/api/v1/flows/", { body: made })),
    onSuccess: renew,
  });
  const act = useMutation({
    mutationFn: ({ id, verb }: { id: string; verb: Verb | "duplicate" }) =>
      answer<FlowDetail>(api.POST(`/api/v1/flows/{flow_id}/${verb}/`, { params: { path: { flow_id: id } } })),
    onSuccess: renew,
  });
  const rename = useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      answer(api.PATCH("/api/v1/flows/{flow_id}/", { params: { path: { flow_id: id } }, body: { name } })),
    onSuccess: renew,
  });
  const drop = useMutation({
    mutationFn: (id: string) => answer(api.DELETE("/api/v1/flows/{flow_id}/", { params: { path: { flow_id: id } } })),
    onSettled: renew,
  });
  return { create, act, rename, drop };
}

export type Verb = "close-entry" | "open-entry" | "pause" | "resume" | "drain" | "stop";

const verbs: Record<FlowState, readonly Verb[]> = {
  draft: [],
  live: ["close-entry", "pause", "stop"],
  closed: ["open-entry", "pause", "stop"],
  paused: ["resume", "stop"],
  draining: ["open-entry", "pause", "stop"],
  stopped: [],
  archived: [],
};

/** The moves that a flow's state allows. */
export const movesOf = (flow: Flow): readonly Verb[] => verbs[flow.state];

export const moveNames: Record<Verb, string> = {
  "close-entry": "Close for entry",
  "open-entry": "Open for entry",
  pause: "Pause",
  resume: "Resume…",
  drain: "Drain",
  stop: "Stop…",
};

type Look = { state: State; word: string };

/** A flow's state as glyph and word. */
export function lookOf(flow: Flow): Look {
  const version = flow.published_version === null ? "" : ` v${flow.published_version}`;
  const looks: Record<FlowState, Look> = {
    draft: { state: "draft", word: "Draft" },
    live: { state: "running", word: `Live${version}` },
    closed: { state: "draft", word: `Closed${version}` },
    paused: { state: "held", word: `Paused${version}` },
    draining: { state: "waiting", word: `Draining${version}` },
    stopped: { state: "draft", word: `Stopped${version}` },
    archived: { state: "draft", word: "Archived" },
  };
  return looks[flow.state];
}

export type Filter = "all" | "live" | "failing" | "paused" | "closed" | "draft";

/** Whether runs ended in a failure today, or a node of it fails now. */
export function failing(flow: Flow): boolean {
  return flow.volume.failed > 0 || flow.drawing.nodes.some((node) => node.state === "failed");
}

/** Whether a flow belongs under a filter. */
export function fits(flow: Flow, filter: Filter): boolean {
  if (filter === "all") return flow.state !== "archived";
  if (filter === "failing") return failing(flow);
  if (filter === "closed") return ["closed", "draining", "stopped"].includes(flow.state);
  return flow.state === filter;
}

const order: Record<FlowState, number> = {
  live: 1,
  paused: 2,
  closed: 3,
  draining: 3,
  draft: 4,
  stopped: 5,
  archived: 6,
};

/** Flows by how much they need a look: failing ones first, then live, then by the last change. */
export function byNeed(flows: readonly Flow[]): Flow[] {
  const need = (flow: Flow) => (failing(flow) ? 0 : order[flow.state]);
  return [...flows].sort(
    (a, b) => need(a) - need(b) || b.volume.failed - a.volume.failed || b.changed_at.localeCompare(a.changed_at),
  );
}
