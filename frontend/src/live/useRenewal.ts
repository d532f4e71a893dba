import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { LiveClient } from "./client";
import { live } from "./useTopic";

/**
 * Fetches lists again when a live topic moves, at most once in `everyMs`: for pages whose rows the server composes and
 * whose feed says only that something changed.
 */
export function useRenewal(topic: string, keys: readonly QueryKey[], everyMs = 2_000, client: LiveClient = live): void {
  const queries = useQueryClient();
  const named = JSON.stringify(keys);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let first = true;
    const renew = () => {
      timer = undefined;
      for (const queryKey of JSON.parse(named) as QueryKey[]) void queries.invalidateQueries({ queryKey });
    };
    const stop = client.listen(topic, () => {
      // The first message is the snapshot: what the page has just fetched is as new.
      if (first) first = false;
      else timer ??= setTimeout(renew, everyMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, everyMs, named, queries, topic]);
}
