/** The footer of a card while building: what matters while deciding, from its config. */

import type { NodeType } from "@/graph/catalogue";
import type { Config, GraphNode, Json } from "@/graph/document";
import { isRecord } from "@/graph/document";
import { shortDuration } from "@/graph/duration";
import { widthOf } from "@/graph/letters";
import { money } from "@/ui/time";
import type { FootPart } from "./overlay";

function count(value: Json | undefined): number {
  if (Array.isArray(value)) return value.length;
  return isRecord(value) ? Object.keys(value).length : 0;
}

function plural(n: number, word: string): string {
  return n === 1 ? word : `${word}s`;
}

function price(type: NodeType | undefined, config: Config): FootPart | null {
  const own = config.price;
  const amount = typeof own === "number" ? own : (type?.price ?? 0);
  return amount > 0 ? { strong: money(amount), text: " a call" } : null;
}

function tries(config: Config): FootPart | null {
  const retry = config.retry;
  const most = isRecord(retry) ? (retry.max_tries ?? retry.tries ?? retry.max_attempts) : retry;
  return typeof most === "number" ? { text: `${most} ${most === 1 ? "try" : "tries"}` } : null;
}

const RULES: Readonly<Record<string, (config: Config, node: GraphNode) => FootPart[]>> = {
  "trigger.event": (config) => [{ text: config.filter ? "Only some, by a filter" : "Every time" }],
  "trigger.webhook": () => [{ text: "Secret URL" }],
  branch: (config) => {
    const cases = count(config.cases);
    return [{ strong: String(cases), text: ` ${plural(cases, "case")}, else` }];
  },
  "customer.update": (config) => {
    const traits = count(config.traits);
    return [{ text: traits ? `${traits} ${plural(traits, "trait")}` : "No trait yet" }];
  },
  "flow.start": (config) => [
    {
      text: config.mode === "wait" ? `${shortDuration(String(config.timeout ?? "30d"))} at most` : "Goes its own way",
    },
  ],
  repeat: (config) => [{ text: config.until ? "Until a condition is true" : "Always all rounds" }],
  "email.send": (config) => [
    { text: config.category === "transactional" ? "Transactional" : "Marketing" },
    { text: typeof config.to === "string" && config.to ? "" : "No recipient", push: true },
  ],
};

/** Pieces of the footer; empty pieces are left out. */
export function buildFoot(node: GraphNode, type: NodeType | undefined): FootPart[] {
  const rule = RULES[node.type];
  if (rule) return rule(node.config, node).filter((part) => part.text || part.strong);
  const parts: (FootPart | null)[] = [price(type, node.config), tries(node.config)];
  if (type?.vendor && !price(type, node.config))
    parts.unshift({ text: type.effect === "internal" ? "Own data" : "Free" });
  if (!type?.vendor && node.type === "http.request" && !price(type, node.config)) parts.unshift({ text: "Free" });
  const limit = node.config.timeout_s;
  if (typeof limit === "number") parts.push({ text: `${shortDuration(`${limit}s`)} limit`, push: true });
  return parts.filter((part): part is FootPart => part !== null);
}

/** A time to go in fewer letters, for a card that has little room: "1 d 23:58 left" is "1 d left". */
export function brief(text: string): string {
  return text.replace(/(\d+ d) \d\d:\d\d(?::\d\d)?/, "$1").replace(/(\d\d:\d\d):\d\d/, "$1");
}

/** What a slim card has beside its icon, in pixels. */
const SLIM_ROOM = 184;

/** Whether a slim card's name and the end of its line do not both fit: then the name stays and the end is cut short. */
export function tight(name: string, parts: readonly FootPart[]): boolean {
  const end = parts.reduce(
    (sum, { text = "", strong = "", glyph }) => sum + widthOf(text + strong, 11) + (glyph ? 18 : 0) + 6,
    0,
  );
  return widthOf(name, 13) + end > SLIM_ROOM;
}
