/** What the ? beside a field says: how its kind of value is written, and an example where the schema has none. */

interface Help {
  readonly how: string;
  readonly example?: string;
}

const LIQUID: Help = {
  how: "Values between {{ and }} are filled in for each customer. Type {{ to see which there are; a | after a value changes it, for example | default: 'there'.",
  example: "Hello {{ customer.traits.first_name | default: 'there' }}",
};

export const HELP: Readonly<Record<string, Help>> = {
  liquid: LIQUID,
  "liquid-html": LIQUID,
  cel: {
    how: "A condition that is true or false for each customer. Names begin with customer, event, steps, run or now; && is and, || is or, ! is not.",
    example: "customer.traits.employees > 100 && customer.traits.country == 'PT'",
  },
  cases: { how: "The first case that matches is taken, from the top; whoever matches none goes on as everyone else." },
  "wait-branches": { how: "The first of these events that arrives decides the way. A filter narrows it further." },
  duration: {
    how: "A number and a unit: s, m, h, d or w. Several may follow each other. A day is exactly 24 hours; a year is the most.",
    example: "1d 6h",
  },
  "signed-duration": { how: "How long before or after the moment; 0 means at the moment itself.", example: "-2h" },
  clock: {
    how: "A time of day. The arrow keys move it by a quarter of an hour, with Shift by an hour.",
    example: "09:00",
  },
  weekdays: { how: "The days that count; none chosen means every day." },
  window: {
    how: "The start counts, the end does not. An end before the start is on the next day; days are judged by when it starts.",
    example: "22:00 until 06:00",
  },
  cron: {
    how: "Five parts: minute, hour, day of the month, month, day of the week. * is every, */15 every 15th, 1-5 a range, L the last day.",
    example: "0 9 * * MON-FRI",
  },
  timezone: { how: "A place of the IANA list, so that summer time is kept.", example: "Europe/Berlin" },
  money: { how: "An amount in US dollars; small prices keep their digits.", example: "0.05" },
  json: {
    how: "JSON. Texts in it may hold {{ values }}; a text that is exactly one value keeps its kind, so that 540 stays a number.",
    example: '{"company": "{{ customer.traits.company }}"}',
  },
  "key-value": { how: "A name and a value a row. Values may hold {{ … }}.", example: "X-Source: flowstudio" },
  traits: {
    how: "A trait and its new value a row. Numbers, true and false keep their kind; {{ … }} fills in a value.",
    example: "plan: pro",
  },
  credential: { how: "Which of the connector's secrets is used. It is never shown again, and never part of the flow." },
  "event-name": { how: "Exactly as the event is sent. Events that arrived lately are offered.", example: "Signed Up" },
  flow: { how: "Another flow of this workspace." },
  segment: { how: "One of this workspace's segments." },
};
