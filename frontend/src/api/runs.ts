import { useQueryClient } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Run } from "./models";

/** What a person may still do for a run, by how it stands. */
export function remedies(run: Pick<Run, "status" | "state"> & { retried_as?: string }) {
  const active = run.status === "active";
  return {
    cancel: active || run.status === "paused",
    retry: (run.status === "failed" && !run.retried_as) || (active && run.state === "blocked"),
    /** It tries again by itself, or is held: a person may have it tried at once. */
    hurry: active && run.state === "retrying",
    /** Nobody knows whether its effect happened: a person says what they found. */
    review: active && run.state === "held",
  };
}

/** Does one thing to one run; gives the run that goes on from there, which after a retry of a failed one is another. */
export function useRunAct() {
  const client = useQueryClient();
  return async (verb: "cancel" | "retry", id: string): Promise<string> => {
    const going = await answer(api.POST(`/api/v1/runs/{run_id}/${verb}/`, { params: { path: { run_id: id } } }));
    await Promise.all([
      client.invalidateQueries({ queryKey: ["list", "runs/"] }),
      client.invalidateQueries({ queryKey: ["run"] }),
    ]);
    return going.id;
  };
}

export type Settlement = "done" | "again" | "end";

/** Says what was found about effects in review: of one run, or of everything at a node of a flow. */
export function useSettle() {
  const client = useQueryClient();
  const renew = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["list", "runs/"] }),
      client.invalidateQueries({ queryKey: ["run"] }),
    ]);
  const run = async (id: string, choice: Settlement) => {
    await answer(api.POST("/api/v1/runs/{run_id}/settle/", { params: { path: { run_id: id } }, body: { choice } }));
    await renew();
  };
  /** A bounded number at once, until none is left; gives how many. */
  const node = async (flow: string, at: string, choice: Settlement): Promise<number> => {
    let settled = 0;
    for (;;) {
      const found = await answer(
        api.POST("/api/v1/flows/{flow_id}/settle/", {
          params: { path: { flow_id: flow } },
          body: { node: at, choice },
        }),
      );
      settled += found.settled;
      if (!found.left || !found.settled) break;
    }
    await renew();
    return settled;
  };
  return { run, node };
}

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
