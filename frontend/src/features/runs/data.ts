import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { answer, api } from "@/api/client";
import type { Run, RunDetail, Step } from "@/api/models";
import { useTopic } from "@/live/useTopic";

type LiveRun = { run: Run; steps: Record<string, Step> };
const whole = (state: LiveRun) => state;

/** One run: what the server says of it, kept current by its live topic while it is open. */
export function useRun(id: string | null) {
  const query = useQuery({
    queryKey: ["run", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/runs/{run_id}/", { params: { path: { run_id: id ?? "" } }, signal }),
      ) as Promise<RunDetail>,
    enabled: id !== null,
  });
  const live = useTopic<LiveRun, LiveRun>(id === null ? null : `run:${id}`, whole);
  const run = useMemo((): RunDetail | undefined => {
    if (!query.data || query.data.id !== id) return undefined;
    if (live?.run?.id !== id) return query.data;
    const steps = Object.values(live.steps ?? {}).sort((a, b) => a.seq - b.seq);
    return { ...query.data, ...live.run, steps: steps.length >= query.data.steps.length ? steps : query.data.steps };
  }, [query.data, live, id]);
  return { run, error: query.error, refetch: () => void query.refetch() };
}

/** The flows to choose from in a filter. */
export const useFlowNames = () =>
  useQuery({
    queryKey: ["flow-names"],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/flows/", { params: { query: { limit: 200 } }, signal }))).results,
    staleTime: 60_000,
  });

export type Bulk = { done: number; failed: { id: string; why: string }[] };

/** Does one thing to many runs, four at a time, and says how far it is and what did not work. */
export function useBulk() {
  const client = useQueryClient();
  return async (verb: "cancel" | "retry", ids: readonly string[], tell: (bulk: Bulk) => void): Promise<Bulk> => {
    const bulk: Bulk = { done: 0, failed: [] };
    const queue = [...ids];
    const work = async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        try {
          await api.POST(`/api/v1/runs/{run_id}/${verb}/`, { params: { path: { run_id: id } } });
        } catch (reason) {
          bulk.failed.push({ id, why: (reason as Error).message });
        }
        bulk.done += 1;
        tell({ ...bulk });
      }
    };
    await Promise.all(Array.from({ length: 4 }, work));
    await Promise.all([
      client.invalidateQueries({ queryKey: ["list", "runs/"] }),
      client.invalidateQueries({ queryKey: ["run"] }),
    ]);
    return bulk;
  };
}
