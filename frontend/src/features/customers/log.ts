import type { JourneyItem, Run, Step } from "@/api/models";

export type Line =
  | { kind: "event"; id: string; at: string; event: Extract<JourneyItem, { kind: "event" }> }
  | { kind: "step"; id: string; at: string; run: Run; step: Step }
  | { kind: "end"; id: string; at: string; run: Run }
  | { kind: "due"; id: string; at: string; run: Run; step: Step };

export type Show = "all" | "events" | "steps";

/** The journey as one list, the newest first; what is still to come stands above now. */
export function lines(items: readonly JourneyItem[], show: Show): { ahead: Line[]; past: Line[] } {
  const past: Line[] = [];
  const ahead: Line[] = [];
  for (const item of items) {
    if (item.kind === "event") {
      if (show !== "steps") past.push({ kind: "event", id: item.id, at: item.at, event: item });
      continue;
    }
    if (show === "events") continue;
    for (const step of item.steps) {
      past.push({ kind: "step", id: step.id, at: step.left_at ?? step.entered_at, run: item.run, step });
      if (!step.left_at && step.due_at) {
        ahead.push({ kind: "due", id: `due:${step.id}`, at: step.due_at, run: item.run, step });
      }
    }
    if (item.run.ended_at) past.push({ kind: "end", id: `end:${item.run.id}`, at: item.run.ended_at, run: item.run });
  }
  const rank = { event: 0, step: 1, end: 2, due: 3 };
  const order = (a: Line, b: Line) => b.at.localeCompare(a.at) || rank[b.kind] - rank[a.kind] || seq(b) - seq(a);
  return { ahead: ahead.sort(order), past: past.sort(order) };
}

const seq = (line: Line) => (line.kind === "step" ? line.step.seq : 0);
