import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { onSignedOut } from "@/api/http";
import { useSession } from "@/api/session";
import { ErrorScreen } from "@/ui/ErrorScreen";

/** Lets signed-in people through; others go to the sign-in page and come back to where they were. */
export function Gate() {
  const client = useQueryClient();
  const { pathname, search } = useLocation();
  const { data, error, isPending, refetch } = useSession();

  useEffect(() => onSignedOut(() => client.setQueryData(["me"], null)), [client]);

  if (error) return <ErrorScreen error={error} retry={() => void refetch()} />;
  if (isPending) return null;
  if (!data) {
    const from = pathname + search;
    return <Navigate to={from === "/" ? "/signin" : `/signin?next=${encodeURIComponent(from)}`} replace />;
  }
  return <Outlet />;
}
