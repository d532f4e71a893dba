/**
 * Schedules in cron's five parts: read, told in words, and counted forward in a zone.
 *
 * The same moments as the server's library (tests/fixtures/crons.json). As Debian's cron does it: a schedule with a
 * fixed hour and minute runs once on the days when clocks change; one with a * in either follows the real time.
 */

import { DAYS, type Day, daysWords, listed, sortedDays } from "./clock";
import { instantOf, instantsOf, wallAt } from "./zone";

interface Parsed {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: ReadonlySet<number>;
  readonly lastDay: boolean;
  readonly lastWeekday: boolean;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Weekdays that count only as the nth (1 to 5) or last (0) of their month. */
  readonly nth: readonly { readonly day: number; readonly nth: number }[];
  readonly both: boolean;
  readonly fixed: boolean;
}

export type Read = { readonly cron: Parsed } | { readonly wrong: string };

const PARTS = [
  { name: "minute", low: 0, high: 59, names: [] },
  { name: "hour", low: 0, high: 23, names: [] },
  { name: "day of the month", low: 1, high: 31, names: [] },
  {
    name: "month",
    low: 1,
    high: 12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  },
  { name: "day of the week", low: 0, high: 7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] },
] as const;
type Part = (typeof PARTS)[number];

class Wrong extends Error {}

function one(text: string, part: Part): number {
  const named = (part.names as readonly string[]).indexOf(text);
  const value = named >= 0 ? named + (part.name === "month" ? 1 : 0) : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= part.low && value <= part.high))
    throw new Wrong(`“${text}” is no ${part.name}: write ${part.low} to ${part.high}, or *.`);
  return value;
}

function range(low: number, high: number, step = 1): number[] {
  const found = [];
  for (let at = low; at <= high; at += step) found.push(at);
  return found;
}

/** The plain numbers of one part; what is special about days (L, LW, 2#1, 5L) goes to `special`. */
function numbers(text: string, part: Part, special: (text: string) => boolean): number[] {
  if (text.includes(",")) return text.split(",").flatMap((each) => numbers(each, part, special));
  if (special(text)) return [];
  const [term = "", step, more] = text.split("/");
  if (more !== undefined || (step !== undefined && !/^[1-9]\d*$/.test(step)))
    throw new Wrong(`“${text}” is no step: write it like */15.`);
  const by = step === undefined ? 1 : Number(step);
  if (term === "*") return range(part.low, part.high, by);
  const [from = "", to, rest] = term.split("-");
  if (rest !== undefined) throw new Wrong(`“${term}” is no range: write it like 9-17.`);
  if (to === undefined) return step === undefined ? [one(from, part)] : range(one(from, part), part.high, by);
  const [low, high] = [one(from, part), one(to, part)];
  if (high < low) throw new Wrong(`“${term}” ends before it begins.`);
  return range(low, high, by);
}

const LONGEST = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function readCron(text: string): Read {
  const parts = text.trim().toUpperCase().split(/\s+/);
  if (parts.length !== 5 || !parts[0])
    return { wrong: "A schedule has five parts: minute, hour, day of the month, month, day of the week." };
  const [minute = "", hour = "", day = "", month = "", week = ""] = parts;
  const nth: { day: number; nth: number }[] = [];
  let lastDay = false;
  let lastWeekday = false;
  try {
    const none = () => false;
    const days = numbers(day, PARTS[2], (each) => {
      if (/^L(\/\d+)?$/.test(each)) lastDay = true;
      else if (/^LW(\/\d+)?$/.test(each)) lastWeekday = true;
      else return false;
      return true;
    });
    const weekdays = numbers(week, PARTS[4], (each) => {
      const match = /^(\w+)#([1-5])$/.exec(each) ?? /^([0-7])L()$/.exec(each);
      if (!match) return false;
      nth.push({ day: one(match[1] ?? "", PARTS[4]) % 7, nth: Number(match[2] || 0) });
      return true;
    });
    const months = numbers(month, PARTS[3], none);
    const both = day.startsWith("*") || week.startsWith("*");
    const least = Math.min(...days, lastDay || lastWeekday ? 0 : 32);
    if (both && least > Math.max(...months.map((each) => LONGEST[each] ?? 0)))
      throw new Wrong("No month in it has that day.");
    const sorted = (list: number[]) => [...new Set(list)].sort((a, b) => a - b);
    return {
      cron: {
        minutes: sorted(numbers(minute, PARTS[0], none)),
        hours: sorted(numbers(hour, PARTS[1], none)),
        days: new Set(days),
        lastDay,
        lastWeekday,
        months: new Set(months),
        weekdays: new Set(weekdays.map((each) => each % 7)),
        nth,
        both,
        fixed: !minute.startsWith("*") && !hour.startsWith("*"),
      },
    };
  } catch (reason) {
    if (reason instanceof Wrong) return { wrong: reason.message };
    throw reason;
  }
}

function fits(cron: Parsed, date: Date): boolean {
  if (!cron.months.has(date.getUTCMonth() + 1)) return false;
  const day = date.getUTCDate();
  const week = date.getUTCDay();
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0));
  const working = last.getUTCDate() - ([2, 0, 0, 0, 0, 0, 1][last.getUTCDay()] ?? 0);
  const inMonth =
    cron.days.has(day) || (cron.lastDay && day === last.getUTCDate()) || (cron.lastWeekday && day === working);
  const inWeek =
    cron.weekdays.has(week) ||
    cron.nth.some((each) =>
      each.day !== week ? false : each.nth ? Math.ceil(day / 7) === each.nth : day + 7 > last.getUTCDate(),
    );
  return cron.both ? inMonth && inWeek : inMonth || inWeek;
}

/** The next `count` moments after `after`; fewer when it never happens that often in forty years. */
export function nextRuns(cron: Parsed, after: number, zone: string, count: number): number[] {
  const found: number[] = [];
  const start = wallAt(after, zone);
  const first = Date.UTC(start.year, start.month - 1, start.day);
  for (let ahead = 0; ahead < 40 * 366 && found.length < count; ahead++) {
    const date = new Date(first + ahead * 86_400_000);
    if (!fits(cron, date)) continue;
    const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    const moments = cron.hours.flatMap((hour) =>
      cron.minutes.flatMap((minute) => {
        const wall = { ...day, hour, minute };
        return cron.fixed ? [instantOf(wall, zone)] : instantsOf(wall, zone);
      }),
    );
    for (const at of [...new Set(moments)].sort((a, b) => a - b))
      if (at > after && at > (found.at(-1) ?? 0) && found.length < count) found.push(at);
  }
  return found;
}

/** What the builder can show of a schedule. */
export type Plan =
  | { readonly every: "minutes"; readonly step: number }
  | { readonly every: "hour"; readonly minute: number }
  | { readonly every: "day"; readonly at: string }
  | { readonly every: "week"; readonly days: readonly Day[]; readonly at: string }
  | { readonly every: "month"; readonly day: number | "last"; readonly at: string };

const NUMBERS: Readonly<Record<Day, number>> = { mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6, sun: 0 };

/** The steps of minutes that come out even with the hour. */
export const STEPS = [5, 10, 15, 20, 30] as const;

export function toCron(plan: Plan): string {
  if (plan.every === "minutes") return `*/${plan.step} * * * *`;
  if (plan.every === "hour") return `${plan.minute} * * * *`;
  const [hour = "9", minute = "0"] = plan.at.split(":").map((part) => String(Number(part)));
  if (plan.every === "day") return `${minute} ${hour} * * *`;
  if (plan.every === "month") return `${minute} ${hour} ${plan.day === "last" ? "L" : plan.day} * *`;
  return `${minute} ${hour} * * ${sortedDays(plan.days)
    .map((day) => NUMBERS[day])
    .join(",")}`;
}

/** The plan that a schedule is, or null for one that only its five parts can say. */
export function planOf(text: string): Plan | null {
  const read = readCron(text);
  if ("wrong" in read) return null;
  const { cron } = read;
  const [minute = "", hour = "", day = "", month = "", week = ""] = text.trim().toUpperCase().split(/\s+/);
  if (month !== "*") return null;
  if (hour === "*" && day === "*" && week === "*") {
    const step = /^\*\/(\d+)$/.exec(minute);
    if (step) return STEPS.includes(Number(step[1]) as 5) ? { every: "minutes", step: Number(step[1]) } : null;
    return /^\d+$/.test(minute) ? { every: "hour", minute: Number(minute) } : null;
  }
  if (!/^\d+$/.test(minute) || !/^\d+$/.test(hour)) return null;
  const at = `${hour.padStart(2, "0").slice(-2)}:${minute.padStart(2, "0").slice(-2)}`;
  if (day === "*" && week === "*") return { every: "day", at };
  if (day === "*" && cron.nth.length === 0)
    return { every: "week", days: DAYS.filter((each) => cron.weekdays.has(NUMBERS[each])), at };
  if (week === "*" && day === "L") return { every: "month", day: "last", at };
  return week === "*" && /^\d+$/.test(day) ? { every: "month", day: Number(day), at } : null;
}

export function ordinal(value: number): string {
  const end = value % 100 >= 11 && value % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][value % 10] ?? "th");
  return `${value}${end}`;
}

/** "Every weekday at 09:00": a schedule in words; the five parts themselves where there are no better words. */
export function cronWords(text: string): string {
  const plan = planOf(text);
  if (!plan) return text;
  switch (plan.every) {
    case "minutes":
      return `Every ${plan.step} minutes`;
    case "hour":
      return plan.minute ? `Every hour, ${plan.minute} past` : "Every hour, on the hour";
    case "day":
      return `Every day at ${plan.at}`;
    case "month":
      return `On the ${plan.day === "last" ? "last day" : ordinal(plan.day)} of every month at ${plan.at}`;
    default: {
      const words = daysWords(plan.days);
      if (words === "every day") return `Every day at ${plan.at}`;
      return `${{ weekdays: "On weekdays", weekends: "On weekends" }[words] ?? `Every ${listed(words.split(/, | and /))}`} at ${plan.at}`;
    }
  }
}
