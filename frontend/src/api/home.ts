import { useQuery } from "@tanstack/react-query";
import { get } from "./http";
import type { Home } from "./models";

/** The figures of the workspace as it is now. */
export const useHome = () =>
  useQuery({
    queryKey: ["home"],
    queryFn: ({ signal }) => get<Home>("home/", undefined, signal),
    refetchInterval: 5_000,
  });
