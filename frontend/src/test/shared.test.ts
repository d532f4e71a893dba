/** What the server says, the browser says: both read the same fixtures (`tests/domain/test_shared_fixtures.py`). */

import { describe, expect, it } from "vitest";
import { buildModel, EMPTY_MODEL } from "@/canvas/model";
import type { Catalogue, NodeType, Port } from "@/graph/catalogue";
import { checkStructure, OWN } from "@/graph/check";
import { type Config, type Graph, type Json, readGraph } from "@/graph/document";
import { duration, seconds } from "@/graph/duration";
import { sharesOf } from "@/graph/ports";
import { type Group, toCel } from "@/graph/rules";
import { firstRule } from "@/graph/ruleWords";
import { summarise } from "@/graph/summary";
import durations from "../../../tests/fixtures/durations.json";
import graphs from "../../../tests/fixtures/graphs.json";
import ports from "../../../tests/fixtures/ports.json";
import rules from "../../../tests/fixtures/rules.json";
import summaries from "../../../tests/fixtures/summaries.json";

const CATALOGUE: Catalogue = new Map(
  Object.entries(graphs.types).map(([type, row]) => [
    type,
    {
      type,
      name: type,
      category: "",
      icon: "",
      help: "",
      schema: {},
      summary: "",
      effect: "internal",
      vendor: null,
      price: 0,
      ...row,
    } as NodeType,
  ]),
);

describe("shared with the server", () => {
  it.each(rules)("rules: $name", ({ group, cel, words }) => {
    expect(toCel(group as Group)).toBe(cel);
    expect(firstRule(group as Json)).toBe(words);
  });

  it.each(summaries)("summary: $full", ({ format, config, full, short }) => {
    expect(summarise(format, config as unknown as Config)).toEqual({ full, short });
  });

  it.each(durations)("duration: $text", (row) => {
    expect(seconds(row.text)).toBe(row.seconds);
    expect(duration(row.text)).toBe(row.words);
  });

  it("issues: the browser judges these codes and no others", () => {
    expect([...OWN].sort()).toEqual([...graphs.browser_codes].sort());
  });

  it.each(graphs.graphs)("issues: $name", ({ graph, issues }) => {
    const found = checkStructure({ notes: [], settings: {}, ...graph } as unknown as Graph, CATALOGUE).map(
      ({ code, severity, message, node, fix }) => ({ code, severity, message, node, fix }),
    );
    const key = ({ code, node, message }: { code: string; node: string; message: string }) =>
      `${code} ${node} ${message}`;
    expect(found.sort((a, b) => (key(a) < key(b) ? -1 : 1))).toEqual(issues);
  });

  it.each(ports.shares)("ports: $name", (row) => {
    const list = row.ports.map(([id, kind]) => ({ id, label: "", kind }) as Port);
    sharesOf(list, row.offsets).forEach((share, at) => {
      expect(share).toBeCloseTo(row.shares[at] ?? -1, 6);
    });
  });

  it.each(ports.graphs)("ports of a drawing: $name", ({ graph, shares }) => {
    const { cards } = buildModel(readGraph(graph), CATALOGUE, EMPTY_MODEL);
    const drawn = [...cards].flatMap(([node, card]) =>
      card.data.ports.map(({ id, share }) => [`${node}:${id}`, Number(share.toFixed(6))]),
    );
    expect(Object.fromEntries(drawn)).toEqual(shares);
  });
});
