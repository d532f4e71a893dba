export type ThumbDrawing = {
  width: number;
  height: number;
  nodes: readonly { id: string; x: number; y: number; w: number; h: number; kind: string; state?: string }[];
  edges: readonly (readonly number[])[];
};

const kinds = new Set(["trigger", "logic", "wait", "message", "data", "goal", "exit"]);

function fill(kind: string, state?: string): string {
  if (state === "failed") return "var(--fs-failed-solid)";
  return `var(--fs-k-${kinds.has(kind) ? kind : "logic"}-solid)`;
}

type Props = { drawing: ThumbDrawing; width?: number; height?: number; off?: boolean; label?: string };

/** The stored drawing of a flow, small and laid on its side: what runs down on the canvas runs right here. */
export function FlowThumbnail({
  drawing,
  width = 124,
  height = 42,
  off = false,
  label = "Drawing of the flow",
}: Props) {
  const place = lieDown(drawing, width, height);
  return (
    <svg
      className={off ? "mini off" : "mini"}
      viewBox={`0 0 ${width} ${height}`}
      style={{ width, height }}
      role="img"
      aria-label={label}
    >
      {place.edges.map((d) => (
        <path key={d} d={d} />
      ))}
      {place.nodes.map((node) => (
        <rect
          key={node.id}
          x={node.x.toFixed(1)}
          y={node.y.toFixed(1)}
          width={node.w.toFixed(1)}
          height={node.h.toFixed(1)}
          rx={Math.min(1.75, node.h / 3)}
          style={{ fill: node.fill }}
        />
      ))}
    </svg>
  );
}

/** Where everything comes to lie: ranks along the width, columns closer together than on the canvas. */
export function lieDown(drawing: ThumbDrawing, width: number, height: number) {
  const middles = drawing.nodes.map((node) => ({ along: node.y + node.h / 2, across: node.x + node.w / 2 }));
  const along = span(middles.map((each) => each.along));
  const across = span(middles.map((each) => each.across));
  const rank = 116;
  const column = 280;
  // As large as both directions allow, and never larger than a small flow wants to be.
  const scale = Math.min(
    (width - 6) / (along.range + rank * 0.62),
    (height - 6) / (across.range * 0.31 + rank * 0.42),
    0.19,
  );
  const cross = scale * Math.min(0.31, (rank / column) * 0.78);
  const w = scale * rank * 0.62;
  const x0 = (width - along.range * scale) / 2;
  const y0 = (height - across.range * cross) / 2;
  const x = (value: number) => x0 + (value - along.least) * scale;
  const y = (value: number) => y0 + (value - across.least) * cross;
  const nodes = drawing.nodes.map((node) => {
    const h = w * (node.h < 60 ? 0.5 : 0.68);
    const left = x(node.y + node.h / 2) - w / 2;
    return { id: node.id, x: left, y: y(node.x + node.w / 2) - h / 2, w, h, fill: fill(node.kind, node.state) };
  });
  const edges = drawing.edges.flatMap(([x1 = 0, y1 = 0, x2 = 0, y2 = 0]) => {
    const from = [x(y1), y(x1)] as const;
    const to = [x(y2), y(x2)] as const;
    const bend = (from[0] + to[0]) / 2;
    const f = (value: number) => value.toFixed(1);
    const straight = Math.abs(from[1] - to[1]) < 0.3;
    if (straight) return [`M${f(from[0])} ${f(from[1])}H${f(to[0])}`];
    return [`M${f(from[0])} ${f(from[1])}H${f(bend)}V${f(to[1])}H${f(to[0])}`];
  });
  return { nodes, edges: [...new Set(edges)] };
}

function span(values: readonly number[]): { least: number; range: number } {
  if (values.length === 0) return { least: 0, range: 0 };
  const least = Math.min(...values);
  return { least, range: Math.max(...values) - least };
}
