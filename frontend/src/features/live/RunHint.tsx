import { IconChevronLeft } from "@tabler/icons-react";
import type { RunDetail } from "@/api/models";
import { called } from "@/api/people";
import { Chip } from "@/ui/Chip";
import { runLook } from "@/ui/states";

/** Over the canvas while it shows one run: whose, how it stands, and the way back to all. Short: it lies on the drawing. */
export function RunHint({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const look = runLook(run.status, run.state);
  const name = called(run.customer);
  return (
    <div className="canvas-ui run-hint">
      <button
        type="button"
        className="icon-btn"
        aria-label="Back to all runs"
        title="Back to all runs  Esc"
        onClick={onClose}
        data-testid="run-back"
      >
        <IconChevronLeft className="i" />
      </button>
      <span className="strong cut">{name}</span>
      <Chip state={look.state}>{look.word}</Chip>
    </div>
  );
}
