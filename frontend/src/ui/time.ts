/** Times as people read them: in the viewer's zone, or in a zone that is named. All pure; the clock is passed in. */

type Moment = string | number | Date;

const cache = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, zone?: string): Intl.DateTimeFormat {
  const key = JSON.stringify([options, zone]);
  let made = cache.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat("en-GB", { ...options, ...(zone && { timeZone: zone }) });
    cache.set(key, made);
  }
  return made;
}

const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const seconds: Intl.DateTimeFormatOptions = { ...time, second: "2-digit" };
const day = (zone?: string) => format({ year: "numeric", month: "2-digit", day: "2-digit" }, zone);

/** "14:02:10" today, "Tue 14:02:10" within a week, "3 Nov 14:02" before or after that. */
export function clock(at: Moment, now: number, zone?: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "–";
  if (day(zone).format(date) === day(zone).format(now)) return format(seconds, zone).format(date);
  const apart = Math.abs(now - date.getTime());
  if (apart < 6 * 86_400_000) {
    return `${format({ weekday: "short" }, zone).format(date)} ${format(seconds, zone).format(date)}`;
  }
  const year = date.getFullYear() === new Date(now).getFullYear() ? {} : ({ year: "numeric" } as const);
  return `${format({ day: "numeric", month: "short", ...year }, zone).format(date)} ${format(time, zone).format(date)}`;
}

/** "14:18:02.731": for what follows within a second. */
export function exact(at: Moment, zone?: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "–";
  return `${format(seconds, zone).format(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Everything about a moment, with the zone's name: for a tooltip. */
export function full(at: Moment, zone?: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "no time";
  const words = format({ dateStyle: "full", timeStyle: "medium" }, zone).format(date);
  return zone ? `${words}, ${zone}` : words;
}

/** "now", "40 s ago", "2 min ago", "3 h ago", then the day. */
export function ago(at: Moment, now: number): string {
  const date = new Date(at);
  const past = (now - date.getTime()) / 1000;
  if (Number.isNaN(past)) return "–";
  if (past < 5) return "now";
  if (past < 60) return `${Math.floor(past)} s ago`;
  if (past < 3600) return `${Math.floor(past / 60)} min ago`;
  if (past < 43_200) return `${Math.floor(past / 3600)} h ago`;
  if (past < 6 * 86_400) return `${format({ weekday: "short" }).format(date)} ${format(time).format(date)}`;
  const year = date.getFullYear() === new Date(now).getFullYear() ? {} : ({ year: "numeric" } as const);
  return format({ day: "numeric", month: "short", ...year }).format(date);
}

/** "12 ms", "1.9 s", "4 min 10 s", "3 h 5 min", "2 d 4 h". */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "–";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const total = ms / 1000;
  if (total < 59.95) return `${total < 10 ? total.toFixed(1) : Math.round(total)} s`;
  const parts: [number, string][] = [
    [Math.floor(total / 86_400), "d"],
    [Math.floor((total % 86_400) / 3600), "h"],
    [Math.floor((total % 3600) / 60), "min"],
    [Math.floor(total % 60), "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** "3 d 07:41:12" or "01:38:48": what is left until a moment. */
export function countdown(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const pad = (part: number) => String(part).padStart(2, "0");
  const rest = `${pad(Math.floor((total % 86_400) / 3600))}:${pad(Math.floor((total % 3600) / 60))}:${pad(total % 60)}`;
  return total >= 86_400 ? `${Math.floor(total / 86_400)} d ${rest}` : rest;
}

const whole = new Intl.NumberFormat("en-GB");

/** "20,300". */
export function count(value: number): string {
  return whole.format(value);
}

/** "$0.25", "$0.001", "–" for nothing: a cost in dollars with the digits that matter. */
export function money(cost: number | string | null | undefined): string {
  const value = Number(cost ?? 0);
  if (!Number.isFinite(value) || value === 0) return "–";
  const digits = Math.abs(value) < 0.01 ? 4 : 2;
  const text = value.toFixed(digits);
  return `$${digits > 2 ? text.replace(/0+$/, "") : text}`;
}

/** "1 run", "12 runs". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
