import type { EventRow } from "@/api/models";

export type Did = {
  kind: "started" | "goal" | "left" | "woke" | "refused" | "nothing" | "rejected" | "late" | "pending";
  text: string;
  run?: string;
};

/** Everything an event did, in sentences; always at least one. */
export function deeds(event: EventRow): Did[] {
  if (event.status === "rejected") return [{ kind: "rejected", text: event.problem || "It could not be used." }];
  if (event.status === "too_late")
    return [{ kind: "late", text: event.problem || "stored, too late to start anything" }];
  if (event.status === "pending") return [{ kind: "pending", text: "on its way" }];
  const found = event.outcome.map((part): Did => {
    const flow = part.flow_name ?? "a flow";
    if (part.refused) return { kind: "refused", text: `${flow}: ${part.refused}` };
    if (part.woke)
      return { kind: "woke", text: part.flow_name ? `woke ${flow}` : "woke a waiting run", run: part.woke };
    if (part.left) return { kind: "left", text: `${flow}: ${part.sentence ?? "left"}`, run: part.left };
    if (part.goal) return { kind: "goal", text: `${flow}: reached “${part.goal}”`, ...(part.run && { run: part.run }) };
    return { kind: "started", text: `started ${flow}`, ...(part.run && { run: part.run }) };
  });
  // What it started matters more than what refused it.
  const rank = { started: 0, goal: 0, left: 1, woke: 1, refused: 2, nothing: 3, rejected: 0, late: 0, pending: 0 };
  found.sort((a, b) => rank[a.kind] - rank[b.kind]);
  return found.length ? found : [{ kind: "nothing", text: nothing(event) }];
}

function nothing(event: EventRow): string {
  if (event.type === "identify") return "kept who they are";
  if (event.type === "alias") return "joined two names of one customer";
  return "no flow uses it";
}
