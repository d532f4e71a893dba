/** What History asks the server. Versions never change, so each is fetched once. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { get } from "@/api/http";
import type { Page, Version, VersionDiff } from "@/api/models";

const FOREVER = Number.POSITIVE_INFINITY;

function local(url: string): string {
  const { pathname, search } = new URL(url, window.location.origin);
  return pathname + search;
}

export function useVersions(flow: string) {
  const list = useInfiniteQuery({
    queryKey: ["versions", flow],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<Page<Version>>(pageParam ? local(pageParam) : `flows/${flow}/versions/`, undefined, signal),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  return { ...list, rows: list.data?.pages.flatMap((page) => page.results) };
}

export const diffQuery = (flow: string, number: number, against: string) => ({
  queryKey: ["version-diff", flow, number, against] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    get<VersionDiff>(`flows/${flow}/versions/${number}/diff/`, { against }, signal),
  staleTime: against === "draft" ? 0 : FOREVER,
});

/** What a version changed; `against` is another number, "draft", or "" for the version before. */
export function useDiff(flow: string, number: number | null, against: string) {
  return useQuery({ ...diffQuery(flow, number ?? 0, against), enabled: number !== null, retry: false });
}
