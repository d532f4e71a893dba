/** Tidy up: the server lays out (the one authority), the cards glide to their places. */

import { notifications } from "@mantine/notifications";
import { type RefObject, useCallback, useRef } from "react";
import type { CanvasHandle } from "@/canvas/Canvas";
import { current } from "./actions";
import { layOut } from "./data";
import { useEditorStore } from "./store";

export function useTidy(canvas: RefObject<CanvasHandle | null>): () => void {
  const editor = useEditorStore();
  const busy = useRef(false);
  return useCallback(async () => {
    const graph = current(editor);
    if (busy.current || !graph.nodes.length || !editor.getState().editable) return;
    busy.current = true;
    try {
      const places = new Map((await layOut(graph)).nodes.map((node) => [node.id, node.position]));
      const now = current(editor);
      const nodes = now.nodes.map((node) => {
        const position = places.get(node.id);
        return position ? { ...node, position } : node;
      });
      editor.relayout({ ...now, nodes });
      setTimeout(() => canvas.current?.fit(), 340);
    } catch (reason) {
      const message = reason instanceof Error ? reason.message : String(reason);
      notifications.show({ title: "The flow was not tidied up", message });
    } finally {
      busy.current = false;
    }
  }, [editor, canvas]) as () => void;
}
