import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "@/api/http";
import type { ApiKey, KeyRole, Member, NewApiKey } from "@/api/models";

async function rows<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const answer = await get<T[] | { results: T[] }>(path, undefined, signal);
  return Array.isArray(answer) ? answer : answer.results;
}

/** Who may do what in this workspace. */
export const useMembers = () =>
  useQuery({ queryKey: ["members"], queryFn: ({ signal }) => rows<Member>("members/", signal) });

/** The keys of programs; a key itself is never in the answer. */
export const useKeys = (enabled: boolean) =>
  useQuery({ queryKey: ["api-keys"], queryFn: ({ signal }) => rows<ApiKey>("api-keys/", signal), enabled });

export function useKeyActions() {
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: ["api-keys"] });
  const make = useMutation({
    mutationFn: (made: { name: string; role: KeyRole }) => post<NewApiKey>("api-keys/", made),
    onSuccess: renew,
  });
  const revoke = useMutation({ mutationFn: (id: string) => post<ApiKey>(`api-keys/${id}/revoke/`), onSuccess: renew });
  return { make, revoke };
}

export const keyRoles: readonly { value: KeyRole; name: string; may: string }[] = [
  { value: "ingest", name: "Ingest", may: "It may send events, and nothing else." },
  { value: "viewer", name: "Viewer", may: "It may read everything, and change nothing." },
  { value: "editor", name: "Editor", may: "It may read everything, and draw and publish flows." },
  { value: "admin", name: "Admin", may: "It may do all that an admin may." },
];
