import { IconAlertTriangle, IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** Above the content: what is wrong, since when, how to mend. Calm when nothing is lost. */
export function Banner({
  calm = false,
  children,
  action,
}: {
  calm?: boolean;
  children: ReactNode;
  action?: ReactNode;
}) {
  const Icon = calm ? IconPlugConnectedX : IconAlertTriangle;
  return (
    <div className={calm ? "banner calm" : "banner"} role={calm ? "status" : "alert"}>
      <Icon className="i" />
      <span className="grow">{children}</span>
      {action}
    </div>
  );
}

/** The banner of a query that failed; the last good data stays below it. */
export function QueryBanner({ error, since, retry }: { error: Error | null; since: number; retry: () => void }) {
  if (!error) return null;
  const time = since ? new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" }).format(since) : "";
  return (
    <Banner
      action={
        <button type="button" className="btn btn-line btn-sm" onClick={retry}>
          Try now
        </button>
      }
    >
      <span className="strong">{error.message}</span> {time ? `What you see is as of ${time}.` : ""}
    </Banner>
  );
}
