import { useLiveStatus } from "./useTopic";

/** "Live" while the connection stands; says so when it does not. */
export function LiveMark() {
  const { status } = useLiveStatus();
  return status === "lost" ? <span className="t3 s12">Not live</span> : <span className="live">Live</span>;
}
