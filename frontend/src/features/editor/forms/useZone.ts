/** The zone in which a node's schedule is meant: its own, else the flow's, else the workspace's. */

import { useSession } from "@/api/session";
import { isZone } from "@/graph/zone";
import { graphOf, useEditor } from "../store";
import { useWhere } from "./context";

export interface Zone {
  readonly zone: string;
  readonly from: "step" | "flow" | "workspace";
}

export function useZone(): Zone {
  const { node } = useWhere();
  const flow = useEditor((state) => graphOf(state).settings.timezone);
  const { data: me } = useSession();
  if (isZone(node.config.timezone)) return { zone: node.config.timezone, from: "step" };
  if (isZone(flow)) return { zone: flow, from: "flow" };
  return { zone: isZone(me?.workspace.timezone) ? me.workspace.timezone : "UTC", from: "workspace" };
}
