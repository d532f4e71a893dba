import { useEffect, useRef, useState } from "react";

/**
 * A value that changes often, shown at most once in `everyMs`: the first change at once, then the newest in turn. For
 * what nobody can read faster, and what is costly to draw. Not paced at all with 0.
 */
export function usePaced<Value>(value: Value, everyMs: number): Value {
  const [shown, setShown] = useState(value);
  const last = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (everyMs <= 0 || Object.is(value, shown)) return;
    const show = () => {
      last.current = performance.now();
      setShown(() => value);
    };
    const wait = last.current + everyMs - performance.now();
    if (wait <= 0) {
      show();
      return;
    }
    const timer = setTimeout(show, wait);
    return () => clearTimeout(timer);
  }, [value, shown, everyMs]);
  return everyMs > 0 ? shown : value;
}
