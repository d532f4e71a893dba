import { useEffect, useRef } from "react";

type Props = { has: boolean; busy: boolean; load: () => void };

/** The end of a long list: loads on when it comes into view, and by a button. */
export function More({ has, busy, load }: Props) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = mark.current;
    if (!at || !has || busy || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver((seen) => {
      if (seen.some((each) => each.isIntersecting)) load();
    });
    observer.observe(at);
    return () => observer.disconnect();
  }, [has, busy, load]);
  if (!has) return null;
  return (
    <div className="more" ref={mark}>
      <button type="button" className="btn btn-quiet btn-sm" disabled={busy} onClick={load}>
        {busy ? "Loading…" : "Show more"}
      </button>
    </div>
  );
}
