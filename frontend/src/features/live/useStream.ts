import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { answer, api } from "@/api/client";
import { usePaced } from "@/live/usePaced";
import { useTopic } from "@/live/useTopic";
import { type FlowLive, type Line, type Lines, lineOf, streamOf } from "./data";
import { type Filter, joined, standing } from "./stream";

const NO_LINES: Lines = {};
const NO_ROWS: readonly Line[] = [];
/** How many runs a filter looks through beyond the stream, and how often it looks again. */
export const LOOKED_THROUGH = 200;
const AGAIN_MS = 10_000;
/** Rows that move more often than this cannot be read. */
const READABLE_MS = 250;

/**
 * The rows of the stream: the newest runs that fit, and with a filter also those the server knows from before. While
 * `held`, rows keep their places and only say what they say now.
 */
export function useStream(flow: string, filter: Filter, node: string | null, held: boolean) {
  const lines = usePaced(useTopic<FlowLive, Lines>(`flow:${flow}`, streamOf) ?? NO_LINES, READABLE_MS);
  const filtered = filter !== "all" || node !== null;
  const { data, error, isPending } = useQuery({
    queryKey: ["list", "runs/", "live", flow, filter],
    queryFn: async ({ signal }) => {
      const query = { flow, limit: LOOKED_THROUGH, ...(filter === "all" ? {} : { status: filter }) };
      return (await answer(api.GET("/api/v1/runs/", { params: { query }, signal }))).results.map(lineOf);
    },
    enabled: filtered,
    refetchInterval: AGAIN_MS,
  });
  const fetched = (filtered && data) || NO_ROWS;
  const rows = useMemo(() => joined(lines, fetched, filter, node), [lines, fetched, filter, node]);

  const view = `${filter} ${node}`;
  const [frozen, setFrozen] = useState<{ view: string; rows: readonly Line[] } | null>(null);
  if (held && frozen?.view !== view) setFrozen({ view, rows });
  if (!held && frozen) setFrozen(null);
  const still = useMemo(
    () => (held && frozen?.view === view ? standing(frozen.rows, rows) : { rows, fresh: 0 }),
    [held, frozen, rows, view],
  );
  const renew = useCallback(() => setFrozen({ view, rows }), [view, rows]);
  return { ...still, renew, error, loading: filtered && isPending, cut: fetched.length >= LOOKED_THROUGH };
}
