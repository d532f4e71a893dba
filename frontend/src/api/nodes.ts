import { useQueries, useQuery } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Run } from "./models";

/** What a list needs to draw a node: its name, the kind that gives it a colour, its icon. */
export type NodeLook = { name: string; kind: string; icon: string };

const FOREVER = Number.POSITIVE_INFINITY;

function useTypes() {
  return useQuery({
    queryKey: ["node-looks"],
    queryFn: async ({ signal }) => {
      const { results } = await answer(api.GET("/api/v1/node-types/", { signal }));
      return new Map(results.map((row) => [row.type, row]));
    },
    staleTime: FOREVER,
  });
}

/** One published version with its graph: fetched once, because it never changes. */
export const versionQuery = (flow: string, number: number) => ({
  queryKey: ["version", flow, number] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    answer(
      api.GET("/api/v1/flows/{flow_id}/versions/{number}/", {
        params: { path: { flow_id: flow, number } },
        signal,
      }),
    ),
  staleTime: FOREVER,
});

/** Looks up nodes of published versions by run; a version never changes, so each is fetched once. */
export function useNodeLooks(runs: readonly Pick<Run, "flow" | "version">[]) {
  const { data: types } = useTypes();
  const versions = [...new Map(runs.map((run) => [`${run.flow.id}:${run.version}`, run])).values()];
  const graphs = useQueries({
    queries: versions.map(({ flow, version }) => versionQuery(flow.id, version)),
  });
  const nodes = new Map(
    versions.map(({ flow, version }, index) => [
      `${flow.id}:${version}`,
      new Map(graphs[index]?.data?.graph.nodes.map((node) => [node.id, node])),
    ]),
  );
  return (run: Pick<Run, "flow" | "version">, id: string): NodeLook => {
    const node = nodes.get(`${run.flow.id}:${run.version}`)?.get(id);
    const type = node && types?.get(node.type);
    return { name: node?.name || type?.name || id, kind: type?.kind ?? "logic", icon: type?.icon ?? "" };
  };
}
