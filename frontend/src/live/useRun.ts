import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { answer, api } from "@/api/client";
import type { Run, RunDetail, Step } from "@/api/models";
import { useTopic } from "./useTopic";

type LiveRun = { run: Run; steps: Record<string, Step> };
const whole = (state: LiveRun) => state;

/** Steps in the order they happened. A retry begins with the steps of the runs before it, each counting from one. */
export function inOrder(steps: readonly Step[]): Step[] {
  return [...steps].sort((a, b) => Date.parse(a.entered_at) - Date.parse(b.entered_at) || a.seq - b.seq);
}

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
    const steps = inOrder(Object.values(live.steps ?? {}));
    return { ...query.data, ...live.run, steps: steps.length >= query.data.steps.length ? steps : query.data.steps };
  }, [query.data, live, id]);
  return { run, error: query.error, refetch: () => void query.refetch() };
}
