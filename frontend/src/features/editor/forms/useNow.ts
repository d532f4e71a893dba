import { useEffect, useState } from "react";

/** The time now, anew with every minute. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000 - (Date.now() % 60_000) + 20);
    return () => clearInterval(timer);
  }, []);
  return now;
}
