import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { ApiError } from "@/api/errors";
import { get } from "@/api/http";
import type { EventRow, Page } from "@/api/models";
import { invent, type Person } from "./people";

export const SIGNED_UP = "Signed Up";
const KEY = ["first-minute-key"];
const LOOKS = 20;
const EVERY_MS = 300;

/** The write key of this visit, "" until one is made: kept in memory only, as the server shows it once. */
export function useWriteKey() {
  const client = useQueryClient();
  const { data } = useQuery({ queryKey: KEY, queryFn: () => "", enabled: false, initialData: "", gcTime: Infinity });
  const make = useMutation({
    mutationFn: async (name: string) => {
      const made = await answer(api.POST("/api/v1/api-keys/", { body: { name, role: "ingest" } }));
      client.setQueryData(KEY, made.key);
      return made.key;
    },
  });
  return { key: data, make };
}

/** What became of an invented sign-up: null while the engine has not looked at it yet. */
export type SignedUp = { person: Person; event: EventRow | null };

/** Sends the sign-up of somebody invented through this server's own events door, as an application would. */
export function useSignUp() {
  const client = useQueryClient();
  const { key, make } = useWriteKey();
  return useMutation({
    mutationFn: async (): Promise<SignedUp> => {
      const person = invent();
      let written = key || (await make.mutateAsync("The first minute"));
      if (!(await post(written, person))) {
        // The key of this visit was revoked in Settings meanwhile.
        written = await make.mutateAsync("The first minute");
        if (!(await post(written, person))) throw new ApiError(401, { detail: "The server refuses its own new key." });
      }
      return { person, event: await seen(person) };
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["first-event"] }),
        client.invalidateQueries({ queryKey: ["list", "flows/"] }),
        client.invalidateQueries({ queryKey: ["home"] }),
      ]),
  });
}

/** Posts the person and their sign-up; false when the key is unknown. */
async function post(key: string, person: Person): Promise<boolean> {
  const { id: userId, given, family, email, company } = person;
  const context = { library: { name: "flowstudio-home", version: "1" } };
  const traits = { email, firstName: given, lastName: family, name: `${given} ${family}`, company };
  const batch = [
    { type: "identify", messageId: `${userId}-identify`, userId, traits, context },
    { type: "track", messageId: `${userId}-signed-up`, userId, event: SIGNED_UP, properties: { email }, context },
  ];
  let response: Response;
  try {
    response = await fetch(
      new Request(new URL("/v1/batch", window.location.origin), {
        method: "POST",
        // The door goes by the key alone.
        credentials: "omit",
        headers: { Authorization: `Basic ${btoa(`${key}:`)}`, "Content-Type": "application/json" },
        body: JSON.stringify({ batch }),
      }),
    );
  } catch {
    throw new ApiError(0, { code: "unreachable" });
  }
  if (response.ok) return true;
  if (response.status === 401) return false;
  const said = (await response.json().catch(() => ({}))) as { message?: string; detail?: string };
  const detail = said.message ?? said.detail;
  throw new ApiError(response.status, detail ? { detail } : {});
}

/** The sign-up as the engine left it; null when it does not get to it soon. */
async function seen(person: Person): Promise<EventRow | null> {
  for (let look = 0; look < LOOKS; look += 1) {
    await new Promise((done) => setTimeout(done, EVERY_MS));
    const page = await get<Page<EventRow>>("events/", { name: SIGNED_UP, limit: 50 });
    const event = page.results.find((each) => each.user_id === person.id);
    if (event && event.status !== "pending") return event;
  }
  return null;
}
