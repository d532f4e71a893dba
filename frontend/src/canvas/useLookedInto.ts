/** Where nothing may be changed, a group can still be opened to look into it, for as long as one looks. */

import { useCallback, useMemo, useState } from "react";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { setCollapsed } from "@/graph/groups";

type Collapse = (id: string, collapsed: boolean) => void;

const AS_IT_IS: Readonly<Record<string, boolean>> = {};

/** `change` writes it into the flow; without it the drawing alone is another. */
export function useLookedInto(graph: Graph, catalogue: Catalogue, change: Collapse | undefined) {
  const [looked, setLooked] = useState(AS_IT_IS);
  const drawn = useMemo(
    () =>
      change
        ? graph
        : Object.entries(looked).reduce<Graph>(
            (each, [id, collapsed]) => setCollapsed(each, catalogue, id, collapsed)?.graph ?? each,
            graph,
          ),
    [graph, catalogue, looked, change],
  );
  const look = useCallback<Collapse>((id, collapsed) => setLooked((before) => ({ ...before, [id]: collapsed })), []);
  return { graph: drawn, collapse: change ?? look };
}
