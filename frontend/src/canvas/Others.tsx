/** Who else has this card chosen: their colour around it, their name at its corner. */

import { memo } from "react";
import { type Other, useCanvas } from "./store";

const NOBODY: readonly Other[] = [];

function OthersView({ id }: { id: string }) {
  const others = useCanvas((state) => state.others.get(id) ?? NOBODY);
  const [first] = others;
  if (!first) return null;
  return (
    <span className={`other tone-${first.tone || "a"}`} data-testid={`other-${id}`}>
      <span className="other-name">{others.map(({ name }) => name).join(", ")}</span>
    </span>
  );
}

export const Others = memo(OthersView);
