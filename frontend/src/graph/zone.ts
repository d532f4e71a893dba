/** Local time and instants in a named zone. Spring gap: the first valid minute after it; autumn fold: the first (SEMANTICS 4.3). */

export interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const MINUTE = 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let made = formats.get(zone);
  if (!made) {
    made = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      era: "short",
    });
    formats.set(zone, made);
  }
  return made;
}

export function isZone(zone: unknown): zone is string {
  if (typeof zone !== "string" || !zone) return false;
  try {
    format(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the clock on the wall shows at an instant. */
export function wallAt(instant: number, zone: string): Wall {
  const parts: Record<string, number> = {};
  for (const { type, value } of format(zone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return { year, month, day, hour, minute };
}

/** Minutes that a zone is ahead of UTC at an instant. */
export function offsetAt(instant: number, zone: string): number {
  const { year, month, day, hour, minute } = wallAt(instant, zone);
  const whole = Math.floor(instant / MINUTE) * MINUTE;
  return (Date.UTC(year, month - 1, day, hour, minute) - whole) / MINUTE;
}

/** Every instant at which the wall shows this: none in the spring gap, two in the autumn fold. */
export function instantsOf(wall: Wall, zone: string): number[] {
  const naive = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  const offsets = new Set([offsetAt(naive - 86_400_000, zone), offsetAt(naive + 86_400_000, zone)]);
  return [...offsets]
    .map((offset) => naive - offset * MINUTE)
    .filter((instant) => offsetAt(instant, zone) * MINUTE === naive - instant)
    .sort((a, b) => a - b);
}

/** The instant meant by a local time: the first of two, and where there is none the first minute that exists after it. */
export function instantOf(wall: Wall, zone: string): number {
  const naive = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  for (let minutes = 0; minutes <= 24 * 60; minutes++) {
    const at = new Date(naive + minutes * MINUTE);
    const [first] = instantsOf(
      {
        year: at.getUTCFullYear(),
        month: at.getUTCMonth() + 1,
        day: at.getUTCDate(),
        hour: at.getUTCHours(),
        minute: at.getUTCMinutes(),
      },
      zone,
    );
    if (first !== undefined) return first;
  }
  return naive;
}

/** "UTC+02:00". */
export function offsetWords(instant: number, zone: string): string {
  const offset = offsetAt(instant, zone);
  if (offset === 0) return "UTC";
  const size = Math.abs(offset);
  const hours = String(Math.floor(size / 60)).padStart(2, "0");
  return `UTC${offset < 0 ? "−" : "+"}${hours}:${String(size % 60).padStart(2, "0")}`;
}

/** "14:32": the time of day in a zone. */
export function timeIn(instant: number, zone: string): string {
  const { hour, minute } = wallAt(instant, zone);
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}
