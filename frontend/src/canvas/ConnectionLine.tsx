/** The edge being drawn: dashed in the accent, with a dot at the pointer. */

import type { ConnectionLineComponentProps } from "@xyflow/react";
import { route } from "@/graph/route";

export function ConnectionLine({ fromX, fromY, toX, toY, connectionStatus, toNode }: ConnectionLineComponentProps) {
  const onto = connectionStatus === "valid" && toNode;
  const end = onto
    ? { x: toNode.internals.positionAbsolute.x + (toNode.width ?? 0) / 2, y: toNode.internals.positionAbsolute.y }
    : { x: toX, y: toY };
  const way = route({ x: fromX, y: fromY }, end);
  return (
    <g>
      <path className="e drawing" d={way.d} />
      <circle className="cust" cx={end.x} cy={end.y} r={4.5} />
    </g>
  );
}
