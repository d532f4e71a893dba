import type { State } from "./glyphs";

/** A state as glyph and word. */
export type Look = { state: State; word: string };

const endings: Record<string, Look> = {
  completed: { state: "succeeded", word: "Completed" },
  goal: { state: "succeeded", word: "Goal" },
  exited: { state: "draft", word: "Exited" },
  cancelled: { state: "draft", word: "Cancelled" },
  failed: { state: "failed", word: "Failed" },
  expired: { state: "draft", word: "Expired" },
  paused: { state: "held", word: "Paused" },
};

const tokens: Record<string, Look> = {
  ready: { state: "running", word: "Moving" },
  running: { state: "running", word: "Running" },
  retrying: { state: "running", word: "Retrying" },
  waiting: { state: "waiting", word: "Waiting" },
  held: { state: "held", word: "Held" },
  blocked: { state: "held", word: "In review" },
};

/** How a run stands: by where its token is while it is active, by how it ended after. */
export function runLook(status: string, token: string): Look {
  return endings[status] ?? tokens[token] ?? { state: "running", word: "Moving" };
}

/** How a step stands. */
export function stepLook(status: string): Look {
  if (status === "done") return { state: "succeeded", word: "Done" };
  if (status === "cancelled") return { state: "draft", word: "Cancelled" };
  return endings[status] ?? tokens[status] ?? { state: "running", word: status };
}
