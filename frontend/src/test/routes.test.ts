import { describe, expect, it } from "vitest";
import type { Point } from "@/graph/document";
import { placeLabels } from "@/graph/labels";
import { widthOf, wishFor } from "@/graph/letters";
import type { Edges, End } from "@/graph/tracks";
import { wires } from "@/graph/wires";
import routes from "../../../tests/fixtures/routes.json";

interface Drawing {
  name: string;
  boxes: Record<string, Edges>;
  edges: (Omit<End, "start"> & { start: [number, number]; label: string })[];
  solid: Edges[];
  lines: [number, number][][];
  labels: ([number, number, number, number, number] | null)[];
}

const fixture = routes as unknown as { drawings: Drawing[]; widths: Record<string, number> };

function draw({ boxes, edges, solid }: Drawing) {
  const ends = edges.map(({ start: [x, y], ...rest }) => ({ ...rest, start: { x, y } }));
  const lines = wires(new Map(Object.entries(boxes)), ends);
  const wishes = edges.map(({ label, error, port }) => wishFor(label, !error && port !== "not_found"));
  return { lines, labels: placeLabels(lines, wishes, solid) };
}

const flat = (line: readonly Point[]) => line.flatMap(({ x, y }) => [x, y]);

function expectNear(got: readonly number[], wanted: readonly number[]) {
  expect(got).toHaveLength(wanted.length);
  for (const [at, value] of got.entries()) expect(value).toBeCloseTo(wanted[at] ?? Number.NaN, 4);
}

describe("the drawing", () => {
  it.each(fixture.drawings)("of $name is the server's", (drawing) => {
    const { lines, labels } = draw(drawing);
    expect(lines).toHaveLength(drawing.lines.length);
    for (const [at, line] of lines.entries()) expectNear(flat(line), drawing.lines[at]?.flat() ?? []);
    for (const [at, place] of labels.entries()) {
      const wanted = drawing.labels[at];
      expectNear(place ? [place.x, place.y, place.width, place.grow, place.side] : [], wanted ?? []);
    }
  });

  it("measures names as the server does", () => {
    for (const [text, width] of Object.entries(fixture.widths)) expect(widthOf(text, 11)).toBeCloseTo(width, 5);
  });
});
