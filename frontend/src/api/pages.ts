import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { get } from "./http";
import type { Customer, EventRow, Flow, Mail, Page, Run } from "./models";
import type { paths } from "./schema";

/** The lists of the API and what their rows are. */
type Rows = {
  "flows/": Flow;
  "runs/": Run;
  "events/": EventRow;
  "customers/": Customer;
  "outbox/": Mail;
};
type Filters<Path extends keyof Rows> = NonNullable<paths[`/api/v1/${Path}`]["get"]["parameters"]["query"]>;

/** A cursor-paged list: the rows so far, and how to get more. Renewed every `every` milliseconds while it is seen. */
export function usePages<Path extends keyof Rows>(path: Path, query: Filters<Path>, every: number | false = false) {
  type Row = Rows[Path];
  const list = useInfiniteQuery({
    queryKey: ["list", path, query],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      pageParam ? get<Page<Row>>(local(pageParam), undefined, signal) : get<Page<Row>>(path, query, signal),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (before) => before,
    // Only short lists renew by themselves: with ten pages read, each turn would cost ten calls.
    refetchInterval: (state) => ((state.state.data?.pages.length ?? 0) <= 2 ? every : false),
  });
  const { fetchNextPage } = list;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  return {
    rows: list.data?.pages.flatMap((page) => page.results),
    error: list.error,
    since: list.dataUpdatedAt,
    has: list.hasNextPage,
    busy: list.isFetchingNextPage,
    stale: list.isPlaceholderData,
    more,
    refetch: () => void list.refetch(),
  };
}

/** The path and search of a page's address, whatever host the server believes it has. */
function local(url: string): string {
  const { pathname, search } = new URL(url, window.location.origin);
  return pathname + search;
}
