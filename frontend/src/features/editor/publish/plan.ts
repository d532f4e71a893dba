/** What publishing would do, and what the author chose: counts and sums are made here, words come from the server. */

import type { PublishPlace, PublishPlan } from "@/api/models";

export type Choice = PublishPlace["choices"][number];

export interface Chosen {
  readonly choice: Choice;
  readonly to?: string;
}

/** By node. What is not in it takes what the plan chose unasked. */
export type Choices = Readonly<Record<string, Chosen>>;

export function chosenAt(place: PublishPlace, choices: Choices): { choice: Choice | ""; to: string } {
  const own = choices[place.node];
  return own ? { choice: own.choice, to: own.to ?? place.to } : { choice: place.choice, to: place.to };
}

/** Why it cannot be published yet: the first place with customers that nobody has chosen for. */
export function undecided(plan: PublishPlan, choices: Choices): PublishPlace | null {
  return (
    plan.places.find((place) => {
      if (!place.inside) return false;
      const { choice, to } = chosenAt(place, choices);
      return !choice || (choice === "move" && place.kind === "removed" && !to);
    }) ?? null
  );
}

export interface Moment {
  readonly moves: number;
  readonly stays: number;
  readonly leaves: number;
  /** For whom nobody has chosen yet. */
  readonly open: number;
  /** Who goes on at once instead of waiting. */
  readonly released: number;
  /** Messages that are sent to them by that, at most. */
  readonly messages: number;
}

/** What happens in the moment of publishing, as far as it is decided. */
export function moment(plan: PublishPlan, choices: Choices): Moment {
  let [stays, leaves, open, released, messages, here] = [0, 0, 0, 0, 0, 0];
  for (const place of plan.places) {
    const { choice } = chosenAt(place, choices);
    here += place.inside;
    if (!choice) open += place.inside;
    if (choice === "finish") stays += place.inside;
    if (choice === "exit") leaves += place.inside;
    if (choice !== "move") continue;
    const now = place.kind === "removed" ? place.inside : place.due;
    released += now;
    if (place.reaches) messages += now;
  }
  const rest = Math.max(0, plan.inside - here);
  const moves = rest + here - stays - leaves - open;
  return { moves, stays: stays + plan.staying, leaves, open, released, messages };
}

export interface InFlight {
  readonly nodes: Readonly<Record<string, Chosen>>;
}

/** What is sent: each place by name, so that a count that changes meanwhile cannot change what was agreed to. */
export function inFlight(plan: PublishPlan, choices: Choices): InFlight {
  const nodes: Record<string, Chosen> = {};
  for (const place of plan.places) {
    const { choice, to } = chosenAt(place, choices);
    if (choice && (choices[place.node] || place.inside))
      nodes[place.node] = choice === "move" && place.kind === "removed" && to ? { choice, to } : { choice };
  }
  return { nodes };
}

/** The sentence under a place for what is chosen there. */
export function thenOf(place: PublishPlace, choice: Choice | "", to: string): string {
  if (!choice) {
    if (place.reaches)
      return `Moving would send “${place.reaches}” to ${place.kind === "removed" ? "them" : `${place.due} of them`} at once. Nothing that sends is chosen for you.`;
    if (place.kind === "removed" && place.candidates.length > 1)
      return "They could go on in several places. Choose where, or let them finish or exit.";
    return "Nothing comes after it any more. Choose what happens to them.";
  }
  const named = place.candidates.find((each) => each.id === to)?.name;
  if (choice === "move" && place.kind === "removed" && named && to !== place.to)
    return `They go on at “${named}” at once.`;
  return place.consequences.find((each) => each.choice === choice)?.sentence ?? "";
}

/** What else is different, where no customer stands: what came, what was renamed, settings, lines, places. */
export function others(
  plan: PublishPlan,
): { name: string; type: string; kind: "added" | "changed"; said: readonly string[] }[] {
  const known = new Set(plan.places.map((place) => place.node));
  const { nodes } = plan.difference;
  const added = nodes.added.map((node) => ({
    name: node.name || node.id,
    type: node.type,
    kind: "added" as const,
    said: [],
  }));
  const changed = nodes.changed
    .filter((node) => !known.has(node.id))
    .map((node) => ({
      name: node.name || node.id,
      type: node.type,
      kind: "changed" as const,
      said: node.fields.map((field) => field.sentence),
    }));
  return [...added, ...changed];
}
