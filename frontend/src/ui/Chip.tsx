import type { ReactNode } from "react";
import { type State, StateGlyph } from "./glyphs";

/** A state as shape, colour and word. */
export function Chip({ state, glyph, children }: { state: State; glyph?: ReactNode; children: ReactNode }) {
  return (
    <span className={`chip is-${state}`}>
      {glyph ?? <StateGlyph state={state} />}
      {children}
    </span>
  );
}
