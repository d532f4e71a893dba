/** Tidy up: the server lays out (the one authority), the cards glide to their places. */

import { notifications } from "@mantine/notifications";
import { type RefObject, useCallback, useRef } from "react";
import type { CanvasHandle } from "@/canvas/Canvas";
import { tidied, withNotes } from "@/graph/arrange";
import { part } from "@/graph/clipboard";
import { current } from "./actions";
import { layOut } from "./data";
import { useEditorStore } from "./store";

/** The whole flow, or only the cards that are named: then the rest stays where it is. */
export function useTidy(canvas: RefObject<CanvasHandle | null>): (only?: ReadonlySet<string>) => void {
  const editor = useEditorStore();
  const busy = useRef(false);
  return useCallback(
    async (only?: ReadonlySet<string>) => {
      const graph = current(editor);
      if (busy.current || !graph.nodes.length || !editor.getState().editable) return;
      busy.current = true;
      try {
        const asked = only ? { ...part(graph, only), notes: [] } : graph;
        const laidOut = (await layOut(asked)).nodes.flatMap(({ id, position }) =>
          position ? [[id, position] as const] : [],
        );
        const places = new Map(laidOut);
        const now = current(editor);
        if (only) {
          const change = tidied(now, editor.getState().catalogue, only, places);
          if (change) editor.relayout(change);
          return;
        }
        const nodes = now.nodes.map((node) => {
          const position = places.get(node.id);
          return position ? { ...node, position } : node;
        });
        editor.relayout({
          graph: withNotes(now, { ...now, nodes }, editor.getState().catalogue),
          label: "Tidy up",
        });
        setTimeout(() => canvas.current?.fit(), 340);
      } catch (reason) {
        const message = reason instanceof Error ? reason.message : String(reason);
        notifications.show({ title: "The flow was not tidied up", message });
      } finally {
        busy.current = false;
      }
    },
    [editor, canvas],
  ) as (only?: ReadonlySet<string>) => void;
}
