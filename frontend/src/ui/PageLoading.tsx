import { useEffect, useState } from "react";

/** True once `ms` have passed: what is quicker than that shows no skeleton at all. */
export function useLate(ms = 150): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return late;
}

/** The place of a page while its code comes. */
export function PageLoading() {
  const late = useLate();
  return (
    <>
      <header className="topbar" />
      <main className="main" aria-busy="true">
        {late ? <span className="sr">Loading</span> : null}
      </main>
    </>
  );
}
