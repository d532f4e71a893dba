/** What the pickers offer: the workspace's flows and segments. */

import { useQuery } from "@tanstack/react-query";
import { ApiError } from "@/api/errors";
import { get } from "@/api/http";
import type { Flow, Page } from "@/api/models";

/** All pages of a list, as far as a picker can use them. */
async function everything<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const found: T[] = [];
  for (let next: string | null = path, pages = 0; next && pages < 10; pages++) {
    const page: Page<T> = await get<Page<T>>(next, undefined, signal);
    found.push(...(page.results ?? []));
    next = page.next;
  }
  return found;
}

export function useFlows() {
  return useQuery({
    queryKey: ["flows", "for-pickers"],
    queryFn: ({ signal }) => everything<Pick<Flow, "id" | "name" | "state">>("flows/", signal),
    staleTime: 30_000,
    retry: false,
  });
}

export interface Segment {
  readonly id: string;
  readonly name: string;
  readonly size: number | null;
}

/** The segments, or null on a server that has none of the kind. */
export function useSegments() {
  return useQuery({
    queryKey: ["segments", "for-pickers"],
    queryFn: async ({ signal }): Promise<Segment[] | null> => {
      try {
        const rows = await everything<Record<string, unknown>>("segments/", signal);
        return rows.map((row) => ({
          id: String(row.id),
          name: String(row.name ?? row.id),
          size: typeof row.size === "number" ? row.size : typeof row.members === "number" ? row.members : null,
        }));
      } catch (reason) {
        if (reason instanceof ApiError && reason.status === 404) return null;
        throw reason;
      }
    },
    staleTime: 30_000,
    retry: false,
  });
}
