/** What stands in the way of saving, above the canvas, with the way on. */

import { IconUsers } from "@tabler/icons-react";
import { Banner } from "@/ui/Banner";
import type { Saver } from "./saver";
import { useEditor } from "./store";

function names(labels: readonly string[]): string {
  const shown = labels.slice(0, 3).join(", ");
  return labels.length > 3 ? `${shown} and ${labels.length - 3} more` : shown;
}

export function Banners({ saver }: { saver: Saver }) {
  const save = useEditor((state) => state.save);
  if (save.kind === "conflict") {
    return (
      <div className="canvas-ui conflict" role="alert" data-testid="conflict">
        <IconUsers className="i is-waiting" aria-hidden="true" />
        <div className="grow">
          <p className="strong">{save.who} changed the same things as you.</p>
          <p className="t2">
            {names(save.merged.clashes.map((clash) => clash.label))}. Everything else of both is kept, whichever you
            choose.
          </p>
        </div>
        <button
          type="button"
          className="btn btn-line"
          onClick={() => saver.resolve("theirs")}
          data-testid="take-theirs"
        >
          Take theirs
        </button>
        <button type="button" className="btn btn-ink" onClick={() => saver.resolve("mine")} data-testid="keep-mine">
          Keep mine
        </button>
      </div>
    );
  }
  if (save.kind === "refused") {
    return (
      <div className="canvas-banner">
        <Banner
          action={
            <button type="button" className="btn btn-line btn-sm" onClick={() => void saver.flush()}>
              Try again
            </button>
          }
        >
          <span className="strong">Not saved.</span> {save.message} Your changes are kept in this browser.
        </Banner>
      </div>
    );
  }
  return null;
}
