import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api } from "@/api/client";

const HIDDEN = "flowstudio-first-minute-hidden";
const SEEN = "flowstudio-first-minute-seen";

export type Beginning = { shown: boolean; arrived: boolean; hide: () => void };

/**
 * Whether the first minute is shown: while no event has arrived, and in that tab until it is closed, so that what the
 * first sign-up did can still be read. Hiding it is remembered in this browser.
 */
export function useBeginning(): Beginning {
  const client = useQueryClient();
  const [hidden, setHidden] = useState(() => localStorage.getItem(HIDDEN) === "1");
  const [seen, setSeen] = useState(() => sessionStorage.getItem(SEEN) === "1");
  const { data } = useQuery({
    queryKey: ["first-event"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/events/", { params: { query: { limit: 1 } }, signal })),
    refetchInterval: (state) => (state.state.data?.results.length ? false : 3_000),
    enabled: !hidden,
  });
  const empty = data?.results.length === 0;
  const arrived = data !== undefined && !empty;
  useEffect(() => {
    if (!empty) return;
    sessionStorage.setItem(SEEN, "1");
    setSeen(true);
  }, [empty]);
  useEffect(() => {
    if (arrived) void client.invalidateQueries({ queryKey: ["home"] });
  }, [arrived, client]);
  const hide = () => {
    localStorage.setItem(HIDDEN, "1");
    setHidden(true);
  };
  return { shown: !hidden && (empty || seen), arrived, hide };
}
