/** What a simulation is asked: who goes, by which event, when, and how the world answers. Pure. */

import type { components } from "@/api/schema";

type Sent = components["schemas"]["SimulationSentRequest"];
export type Simulation = components["schemas"]["Simulation"];
export type SimulatedStep = components["schemas"]["SimulatedStep"];

/** Somebody who is made up: what is empty is left out. */
export interface Invented {
  readonly name: string;
  readonly email: string;
  readonly traits: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly port: string;
  readonly output?: unknown;
}

export interface Question {
  readonly who: { readonly id: string; readonly name: string } | Invented | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
  /** An ISO moment; null: now. */
  readonly at: string | null;
  /** The author's choices by node, for every visit. */
  readonly answers: Readonly<Record<string, Answer>>;
  /** Which waited events come, and how long after the beginning ("3d"). */
  readonly events: Readonly<Record<string, string>>;
  readonly seed: number;
}

export const QUESTION: Question = { who: null, properties: null, at: null, answers: {}, events: {}, seed: 0 };

const VISITS = 100;

function filled<T extends object>(object: T): T | undefined {
  return Object.keys(object).length ? object : undefined;
}

/** The body of `POST flows/{id}/simulate/`, without the graph. `event` is the name that the trigger waits for; where the
 * flow `repeats`, an answer is given at every visit. */
export function bodyOf(question: Question, event: string, repeats = false): Sent {
  const { who, properties, at, answers, events, seed } = question;
  const customer = !who
    ? undefined
    : "id" in who
      ? who.id
      : { ...(who.name && { name: who.name }), ...(who.email && { email: who.email }), traits: { ...who.traits } };
  const outcomes = Object.fromEntries(
    Object.entries(answers).map(([node, answer]) => [
      node,
      Array.from({ length: repeats ? VISITS : 1 }, () => ({ ...answer })),
    ]),
  );
  const later = Object.entries(events).map(([name, after]) => ({ event: name, at: after }));
  return {
    ...(customer !== undefined && { customer }),
    ...(properties && { event: { ...(event && { name: event }), properties: { ...properties } } }),
    ...(at && { at }),
    ...(filled(outcomes) && { outcomes }),
    ...(later.length > 0 && { events: later }),
    ...(seed > 0 && { seed }),
  } as Sent;
}

/** How many answers, events and other choices differ from what would be assumed. */
export function choices(question: Question): number {
  return Object.keys(question.answers).length + Object.keys(question.events).length;
}
