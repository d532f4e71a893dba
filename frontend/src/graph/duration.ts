/** Durations as the document writes them: "2d", "10m", "1h30m". */

export const UNITS = [
  { id: "s", name: "seconds", seconds: 1 },
  { id: "m", name: "minutes", seconds: 60 },
  { id: "h", name: "hours", seconds: 3600 },
  { id: "d", name: "days", seconds: 86400 },
  { id: "w", name: "weeks", seconds: 604800 },
] as const;

export type Unit = (typeof UNITS)[number]["id"];

export interface Amount {
  readonly value: number;
  readonly unit: Unit;
}

const PART = /([0-9]{1,9})\s*([smhdw])/g;
const WHOLE = /^\s*(?:[0-9]{1,9}\s*[smhdw]\s*)+$/;
const MOST = 365 * 86400;

function parts(text: string): { value: number; unit: (typeof UNITS)[number] }[] {
  if (text.length > 60 || !WHOLE.test(text)) return [];
  return [...text.matchAll(PART)].flatMap(([, value, id]) => {
    const unit = UNITS.find((item) => item.id === id);
    return unit ? [{ value: Number(value), unit }] : [];
  });
}

/** Seconds of a duration: whole numbers with their units, at most a year; null when it cannot be read. */
export function seconds(text: string): number | null {
  const found = parts(text);
  const total = found.reduce((sum, { value, unit }) => sum + value * unit.seconds, 0);
  return found.length === 0 || total > MOST ? null : total;
}

/** The one unit that says a duration in a whole number; the shorter unit where none does. */
export function amount(text: string): Amount | null {
  const found = parts(text);
  const [first] = found;
  if (!first) return null;
  if (found.length === 1) return { value: first.value, unit: first.unit.id };
  const total = found.reduce((sum, { value, unit }) => sum + value * unit.seconds, 0);
  const unit = [...UNITS].reverse().find((item) => total % item.seconds === 0) ?? UNITS[0];
  return { value: total / unit.seconds, unit: unit.id };
}

/** A number with a fraction in whole units: 1.5 and d are "1d12h"; null when it does not come out in seconds. */
export function exact(value: number, unit: Unit): string | null {
  const size = UNITS.find((item) => item.id === unit)?.seconds ?? 1;
  let left = Math.round(value * size);
  if (Math.abs(left - value * size) > 1e-6 || left > MOST) return null;
  const found: string[] = [];
  for (const item of [...UNITS].reverse()) {
    if (item.seconds > size) continue;
    const count = Math.floor(left / item.seconds);
    if (count) found.push(`${count}${item.id}`);
    left -= count * item.seconds;
  }
  return found.join("") || `0${unit}`;
}

/** "2 days", "1 minute"; the text itself when it cannot be read. */
export function duration(text: string): string {
  const found = parts(text);
  if (!found.length) return text;
  return found.map(({ value, unit }) => `${value} ${value === 1 ? unit.name.slice(0, -1) : unit.name}`).join(" ");
}

/** "5 s", "10 min": for narrow places. */
export function shortDuration(text: string): string {
  const read = amount(text);
  if (!read) return text;
  return `${read.value} ${read.unit === "m" ? "min" : read.unit}`;
}
