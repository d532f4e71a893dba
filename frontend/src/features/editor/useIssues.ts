/** What is wrong now: the structure at once, the rest as the last save answered. */

import { useMemo } from "react";
import { checkStructure, type Issue, joinIssues } from "@/graph/check";
import { graphOf, useEditor } from "./store";

export function useIssues(): Issue[] {
  const graph = useEditor(graphOf);
  const catalogue = useEditor((state) => state.catalogue);
  const server = useEditor((state) => state.serverIssues);
  const local = useMemo(() => checkStructure(graph, catalogue), [graph, catalogue]);
  return useMemo(() => joinIssues(local, server, graph), [local, server, graph]);
}

export function useIssuesByNode(): ReadonlyMap<string, readonly Issue[]> {
  const issues = useIssues();
  return useMemo(() => {
    const map = new Map<string, Issue[]>();
    for (const issue of issues) {
      if (!issue.node) continue;
      const list = map.get(issue.node);
      if (list) list.push(issue);
      else map.set(issue.node, [issue]);
    }
    const rank = { error: 0, warning: 1, hint: 2 } as const;
    for (const list of map.values()) list.sort((a, b) => rank[a.severity] - rank[b.severity]);
    return map;
  }, [issues]);
}
