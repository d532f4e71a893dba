import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "./client";
import { ApiError } from "./errors";
import type { Me, Role } from "./models";

const BEEN = "flowstudio-signed-in-before";

/** Who is signed in, where and with which role; null for nobody. Fetched once and kept. */
export function useSession() {
  return useQuery({
    queryKey: ["me"],
    queryFn: async ({ signal }): Promise<Me | null> => {
      try {
        // A browser in which nobody was signed in is asked politely: a 401 would stand in its console as an error.
        const known = localStorage.getItem(BEEN) === "1";
        if (!known && !(await answer(api.GET("/api/v1/auth/session/", { signal }))).authenticated) return null;
        const me = await answer(api.GET("/api/v1/me/", { signal }));
        localStorage.setItem(BEEN, "1");
        return me;
      } catch (reason) {
        if (reason instanceof ApiError && (reason.status === 401 || reason.status === 403)) {
          localStorage.removeItem(BEEN);
          return null;
        }
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
    localStorage.removeItem(BEEN);
    window.location.assign("/signin");
  };
}
