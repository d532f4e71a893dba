/** Times of day and weekdays as the document writes them: "09:00", "mon". */

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

export const DAY_NAMES: Readonly<Record<Day, string>> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};

const TYPED = /^(\d{1,2})(?:[:.h]?(\d{2}))?\s*(am|pm|a|p)?$/;

/** "9", "9:30", "0930", "21.30", "9 pm" as "09:30"; null when it is no time of day. */
export function readClock(text: string): string | null {
  const match = TYPED.exec(text.trim().toLowerCase());
  if (!match) return null;
  const [, digits = "", minutes = "00", half = ""] = match;
  let hour = Number(digits);
  if (half) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half.startsWith("p") ? 12 : 0);
  }
  if (hour > 23 || Number(minutes) > 59) return null;
  return `${String(hour).padStart(2, "0")}:${minutes}`;
}

/** Minutes after midnight of a written time of day. */
export function minutesOf(clock: string): number | null {
  const read = readClock(clock);
  return read === null ? null : Number(read.slice(0, 2)) * 60 + Number(read.slice(3));
}

/** A time of day so many minutes later (or earlier), round the clock. */
export function shifted(clock: string, minutes: number): string {
  const total = ((((minutesOf(clock) ?? 0) + minutes) % 1440) + 1440) % 1440;
  return `${String(Math.floor(total / 60)).padStart(2, "0")}:${String(total % 60).padStart(2, "0")}`;
}

/** The days in the order of the week, each once; what is no day is left out. */
export function sortedDays(days: readonly unknown[]): Day[] {
  return DAYS.filter((day) => days.includes(day));
}

/** "a, b and c". */
export function listed(words: readonly string[], last = "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** "every day", "weekdays", "Monday and Thursday": which days are meant. */
export function daysWords(days: readonly Day[]): string {
  const key = sortedDays(days).join();
  if (!key || key === DAYS.join()) return "every day";
  if (key === "mon,tue,wed,thu,fri") return "weekdays";
  if (key === "sat,sun") return "weekends";
  return listed(sortedDays(days).map((day) => DAY_NAMES[day]));
}

/** "From 22:00 until 06:00 the next day, on weekdays": what a window says. */
export function windowWords(from: string, to: string, days: readonly Day[]): string {
  const start = minutesOf(from);
  const end = minutesOf(to);
  if (start === null || end === null) return "";
  const which = daysWords(days);
  const when = which === "every day" ? which : `on ${which}`;
  if (start === end) return `The whole day from ${from}, ${when}`;
  return `From ${from} until ${to}${end < start ? " the next day" : ""}, ${when}`;
}
