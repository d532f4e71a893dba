/** Finding cards, lines and notes by what they are called, what they are, and what stands in them. */

import type { Catalogue } from "./catalogue";
import { type Graph, isRecord, type Json } from "./document";
import { groupsOf } from "./groups";
import { portLabel } from "./ports";
import { summarise } from "./summary";

export interface Found {
  readonly id: string;
  readonly name: string;
  /** Where it was found: "body: …hello…"; empty when its name already says it. */
  readonly where: string;
}

function texts(value: Json, path: string, into: [string, string][]): void {
  if (typeof value === "string" || typeof value === "number") into.push([path, String(value)]);
  else if (Array.isArray(value))
    value.forEach((item: Json) => {
      texts(item, path, into);
    });
  else if (isRecord(value)) for (const [key, item] of Object.entries(value)) texts(item as Json, path || key, into);
}

function around(text: string, at: number, length: number): string {
  const from = Math.max(0, at - 16);
  const to = Math.min(text.length, at + length + 24);
  return `${from > 0 ? "…" : ""}${text.slice(from, to).replace(/\s+/g, " ").trim()}${to < text.length ? "…" : ""}`;
}

/** Everything that holds all words of the query, in the order in which it stands: from the top, then from the left. */
export function find(graph: Graph, catalogue: Catalogue, query: string): Found[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const [first = ""] = words;
  if (!first) return [];
  const found: (Found & { y: number; x: number })[] = [];
  const look = (id: string, name: string, rows: readonly (readonly [string, string])[], x: number, y: number) => {
    const all = [name, ...rows.map(([, text]) => text)].join("\n").toLowerCase();
    if (!words.every((word) => all.includes(word))) return;
    const named = words.every((word) => name.toLowerCase().includes(word));
    const row = named ? undefined : rows.find(([, text]) => text.toLowerCase().includes(first));
    const where = row
      ? [row[0].replaceAll("_", " "), around(row[1], row[1].toLowerCase().indexOf(first), first.length)]
          .filter(Boolean)
          .join(": ")
      : "";
    found.push({ id, name, where, x, y });
  };
  for (const node of graph.nodes) {
    const type = catalogue.get(node.type);
    const rows: [string, string][] = [
      ["", type?.name ?? node.type],
      ["", type?.vendor?.name ?? ""],
      ["", summarise(type?.summary ?? "", node.config).full],
      ["", `steps.${node.id}`],
    ];
    if (node.disabled) rows.push(["", "Off"]);
    texts(node.config as Json, "", rows);
    look(node.id, node.name || type?.name || node.type, rows, node.position?.x ?? 0, node.position?.y ?? 0);
  }
  for (const note of graph.notes) look(note.id, "Note", [["", note.text]], note.position.x, note.position.y);
  const at = new Map(graph.nodes.map((node) => [node.id, node]));
  for (const group of groupsOf(graph)) {
    const places = group.nodes.map((id) => at.get(id)?.position ?? { x: 0, y: 0 });
    const [x, y] = [Math.min(...places.map((each) => each.x)), Math.min(...places.map((each) => each.y)) - 1];
    look(group.id, group.name || "Group", [], x, y);
  }
  for (const edge of graph.edges) {
    const label = portLabel(graph, catalogue, edge.source, edge.source_port);
    const source = at.get(edge.source);
    if (!label || !words.every((word) => label.toLowerCase().includes(word))) continue;
    const y = (source?.position?.y ?? 0) + 1;
    found.push({
      id: edge.id,
      name: label,
      where: `from ${source?.name || edge.source}`,
      x: source?.position?.x ?? 0,
      y,
    });
  }
  found.sort((a, b) => a.y - b.y || a.x - b.x);
  return found.map(({ id, name, where }) => ({ id, name, where }));
}
