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

/** Seconds of a duration, or null when it cannot be read. */
export function seconds(text: string): number | null {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*([smhdw])/g)];
  if (
    !parts.length ||
    parts
      .map((part) => part[0])
      .join("")
      .replace(/\s/g, "") !== text.trim().replace(/\s/g, "")
  )
    return null;
  return parts.reduce(
    (sum, [, value, unit]) => sum + Number(value) * (UNITS.find((item) => item.id === unit)?.seconds ?? 0),
    0,
  );
}

/** The one unit that says a duration in a whole number; the shorter unit where none does. */
export function amount(text: string): Amount | null {
  const single = /^\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*$/.exec(text);
  if (single) return { value: Number(single[1]), unit: single[2] as Unit };
  const total = seconds(text);
  if (total === null) return null;
  const unit = [...UNITS].reverse().find((item) => total % item.seconds === 0) ?? UNITS[0];
  return { value: total / unit.seconds, unit: unit.id };
}

/** "2 days", "1 minute"; the text itself when it cannot be read. */
export function duration(text: string): string {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*([smhdw])/g)];
  if (seconds(text) === null) return text;
  return parts
    .map(([, value, unit]) => {
      const name = UNITS.find((item) => item.id === unit)?.name ?? "";
      return `${value} ${Number(value) === 1 ? name.slice(0, -1) : name}`;
    })
    .join(" ");
}

/** "5 s", "10 min": for narrow places. */
export function shortDuration(text: string): string {
  const read = amount(text);
  if (!read) return text;
  return `${read.value} ${read.unit === "m" ? "min" : read.unit}`;
}
