import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

/** The flows to choose from in a filter. */
export const useFlowNames = () =>
  useQuery({
    queryKey: ["flow-names"],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/flows/", { params: { query: { limit: 200 } }, signal }))).results,
    staleTime: 60_000,
  });
