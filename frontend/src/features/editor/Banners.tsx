/** What stands in the way of saving, above the canvas, with the way on. */

import { Banner } from "@/ui/Banner";
import { Conflict } from "./Conflict";
import type { Saver } from "./saver";
import { useEditor } from "./store";

export function Banners({ saver }: { saver: Saver }) {
  const save = useEditor((state) => state.save);
  if (save.kind === "conflict") return <Conflict saver={saver} />;
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
