import { useQuery } from "@tanstack/react-query";
import { answer, api } from "./client";

/** The figures of the workspace as it is now. */
export const useHome = () =>
  useQuery({
    queryKey: ["home"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/home/", { signal })),
    refetchInterval: 5_000,
  });
