import type { ReactNode } from "react";

/** The states a run, step or flow can be in, each a shape, a colour and a word. */
export type State = "running" | "waiting" | "succeeded" | "failed" | "held" | "draft";

const shapes: Record<State, ReactNode> = {
  running: (
    <>
      <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" strokeOpacity=".3" strokeWidth="1.75" />
      <path
        d="M7 1.5a5.5 5.5 0 0 1 5.5 5.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
      />
      <circle cx="7" cy="7" r="2.25" fill="currentColor" />
    </>
  ),
  waiting: (
    <>
      <circle cx="7" cy="7" r="5.6" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path
        d="M7 4v3.2l2 1.3"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  succeeded: (
    <>
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path
        d="M4.3 7.2l1.9 1.9 3.6-4"
        fill="none"
        stroke="var(--fs-surface)"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  failed: (
    <>
      <path d="M4.4.9h5.2l3.5 3.5v5.2l-3.5 3.5H4.4L.9 9.6V4.4z" fill="currentColor" />
      <path d="M5 5l4 4M9 5l-4 4" stroke="var(--fs-surface)" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  held: (
    <>
      <rect x="1" y="1" width="12" height="12" rx="3" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M5.4 4.8v4.4M8.6 4.8v4.4" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  draft: (
    <circle
      cx="7"
      cy="7"
      r="5.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray="2.3 2.02"
      strokeLinecap="round"
    />
  ),
};

/** The shape of a state, in its colour. Always beside a word, so it is hidden from screen readers. */
export function StateGlyph({ state, plain = false }: { state: State; plain?: boolean }) {
  return (
    <svg className={plain ? "st" : `st is-${state}`} viewBox="0 0 14 14" aria-hidden="true">
      {shapes[state]}
    </svg>
  );
}

/** The product's mark: a path that branches, its end in the accent. */
export function Logo() {
  return (
    <svg viewBox="0 0 22 22" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
      <path d="M5 5v4a4 4 0 0 0 4 4h4a4 4 0 0 1 4 4M5 9v8" />
      <circle cx="5" cy="4.5" r="2.5" fill="currentColor" stroke="none" />
      <circle cx="5" cy="17.5" r="2.5" fill="currentColor" stroke="none" />
      <circle cx="17" cy="17.5" r="2.5" fill="var(--fs-accent)" stroke="none" />
    </svg>
  );
}
