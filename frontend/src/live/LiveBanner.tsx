import { useEffect, useState } from "react";
import { live, useLiveStatus } from "./useTopic";

/** How long a break may last before anybody is told: a reload of the server is shorter. */
const PATIENCE = 3_000;

/** Says calmly that the live connection is lost, once it has been for longer than a moment. */
export function LiveBanner() {
  const { lostAt } = useLiveStatus();
  const [long, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (lostAt === null) return;
    const timer = setTimeout(() => setLong(true), Math.max(0, lostAt + PATIENCE - Date.now()));
    return () => clearTimeout(timer);
  }, [lostAt]);
  if (!long || lostAt === null) return null;
  const since = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" }).format(lostAt);
  return (
    <div className="banner calm" role="status">
      <span className="grow">
        <span className="strong">Live is paused since {since}.</span> It tries again by itself. When it is back, nothing
        will have been skipped.
      </span>
      <button type="button" className="btn btn-line btn-sm" onClick={() => live.wake()}>
        Try now
      </button>
    </div>
  );
}
