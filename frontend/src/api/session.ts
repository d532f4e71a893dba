import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "./client";
import { ApiError } from "./errors";
import { csrfToken } from "./http";
import type { Me, Role } from "./models";

/** Who is signed in, where and with which role; null for nobody. Fetched once and kept. */
export function useSession() {
  return useQuery({
    queryKey: ["me"],
    queryFn: async ({ signal }): Promise<Me | null> => {
      try {
        // A browser that never was here is asked politely: a 401 would stand in its console as an error.
        if (!csrfToken() && !(await answer(api.GET("/api/v1/auth/session/", { signal }))).authenticated) return null;
        return await answer(api.GET("/api/v1/me/", { signal }));
      } catch (reason) {
        if (reason instanceof ApiError && (reason.status === 401 || reason.status === 403)) return null;
        throw reason;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** Who is signed in. Only for screens behind the sign-in gate. */
export function useMe(): Me {
  const { data } = useSession();
  if (!data) throw new Error("useMe is for screens behind the sign-in gate");
  return data;
}

const rank: Record<Role, number> = { viewer: 0, editor: 1, admin: 2 };

/** Whether the signed-in person's role allows what `least` allows. */
export function useMay(least: Role): boolean {
  const me = useMe();
  return rank[me.role] >= rank[least];
}

/** Asks the server for the CSRF cookie that sign-in needs. */
export const prepareSession = () => answer(api.GET("/api/v1/auth/session/"));

export async function signIn(email: string, password: string): Promise<void> {
  await prepareSession();
  await api.POST("/api/v1/auth/signin/", { body: { email, password } });
}

/** Uses up a one-time link. */
export async function spendLink(token: string): Promise<void> {
  await prepareSession();
  await api.POST("/api/v1/auth/link/", { body: { token } });
}

/** Ends the session and forgets everything fetched in it. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await api.POST("/api/v1/auth/signout/");
    client.clear();
    window.location.assign("/signin");
  };
}
