import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Overdue, Resume } from "./models";

/** Who is overdue in a paused flow, counted anew while somebody looks. */
export function useOverdue(flow: string, older: string) {
  return useQuery({
    queryKey: ["overdue", flow, older],
    queryFn: ({ signal }) =>
      answer<Overdue>(
        api.GET("/api/v1/flows/{flow_id}/overdue/", {
          params: { path: { flow_id: flow }, query: { older_than: older } },
          signal,
        }),
      ),
    refetchInterval: 5_000,
    placeholderData: (before) => before,
    retry: false,
  });
}

/** Lets a paused flow go on; every list of flows is read anew. */
export function useResume(flow: string) {
  const client = useQueryClient();
  return async (choice: Resume) => {
    const resumed = await answer(
      api.POST("/api/v1/flows/{flow_id}/resume/", { params: { path: { flow_id: flow } }, body: choice }),
    );
    await Promise.all([
      client.invalidateQueries({ queryKey: ["flows"] }),
      client.invalidateQueries({ queryKey: ["list", "flows/"] }),
      client.invalidateQueries({ queryKey: ["home"] }),
    ]);
    return resumed;
  };
}
