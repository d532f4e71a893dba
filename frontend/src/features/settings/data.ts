import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { KeyRole } from "@/api/models";

/** Who may do what in this workspace. */
export const useMembers = () =>
  useQuery({
    queryKey: ["members"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/members/", { signal }))).results,
  });

/** The keys of programs; a key itself is never in the answer. */
export const useKeys = (enabled: boolean) =>
  useQuery({
    queryKey: ["api-keys"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/api-keys/", { signal }))).results,
    enabled,
  });

export function useKeyActions() {
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: ["api-keys"] });
  const make = useMutation({
    mutationFn: (made: { name: string; role: KeyRole }) => answer(api.POST("/api/v1/api-keys/", { body: made })),
    onSuccess: renew,
  });
  const revoke = useMutation({
    mutationFn: (id: string) =>
      answer(api.POST("/api/v1/api-keys/{key_id}/revoke/", { params: { path: { key_id: id } } })),
    onSuccess: renew,
  });
  return { make, revoke };
}

export const keyRoles: readonly { value: KeyRole; name: string; may: string }[] = [
  { value: "ingest", name: "Ingest", may: "It may send events, and nothing else." },
  { value: "viewer", name: "Viewer", may: "It may read everything, and change nothing." },
  { value: "editor", name: "Editor", may: "It may read everything, and draw and publish flows." },
  { value: "admin", name: "Admin", may: "It may do all that an admin may." },
];
