/** What a `wait.until` waits for, in words: the mirror of `flowstudio.domain.until_words`. */

import { DAY_NAMES, DAYS, listed } from "./clock";
import { type Config, isRecord, type Json } from "./document";
import { duration } from "./duration";
import { said } from "./ruleWords";

function which(days: Json | undefined): string {
  const chosen = DAYS.filter((day) => Array.isArray(days) && days.includes(day));
  const key = chosen.join();
  if (key === DAYS.join()) return "any day";
  if (key === "mon,tue,wed,thu,fri") return "a weekday";
  if (key === "sat,sun") return "a weekend";
  return listed(
    chosen.map((day) => DAY_NAMES[day]),
    "or",
  );
}

function inDays(count: Json | undefined, clock: string): string {
  if (typeof count !== "number" || !clock) return "";
  if (count === 0) return `${clock} today`;
  return count === 1 ? `${clock} tomorrow` : `${clock} in ${said(count)} days`;
}

function distance(offset: string): string {
  const size = offset.replace(/^[+-]/, "");
  return /[1-9]/.test(size) ? `${duration(size)} ${offset.startsWith("-") ? "before" : "after"} ` : "";
}

function named(expression: string): string {
  const path = expression.replace(/^ +| +$/g, "");
  if (!/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$/.test(path)) return "a date";
  return (
    path
      .split(".")
      .at(-1)
      ?.replaceAll("_", " ")
      .replace(/^ +| +$/g, "") || "a date"
  );
}

function window(value: Json | undefined): string {
  if (!isRecord(value)) return "";
  const [from, to] = [said(value.from as Json), said(value.to as Json)];
  if (!from || !to) return "";
  const days = which(value.days as Json);
  return `it is ${from} to ${to}${days && days !== "any day" ? ` on ${days}` : ""}`;
}

export function untilWords(config: Config): string {
  const clock = said(config.at as Json);
  const at = clock ? ` at ${clock}` : "";
  switch (config.kind || "days") {
    case "days":
      return inDays(config.days === undefined ? 1 : (config.days as Json), clock);
    case "weekday": {
      const days = which(config.weekdays as Json);
      return days ? `${days}${at}` : "";
    }
    case "date": {
      const date = said(config.date as Json);
      return date ? `${distance(said(config.offset as Json))}${named(date)}${at}` : "";
    }
    case "window":
      return window(config.window as Json);
    default:
      return "";
  }
}
