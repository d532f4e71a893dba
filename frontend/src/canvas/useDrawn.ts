/** React Flow's nodes, kept in step with the graph: by identity where nothing changed, animated after a new layout. */

import { applyNodeChanges, type NodeChange } from "@xyflow/react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Point } from "@/graph/document";
import type { DrawnNode, Model } from "./model";

const LAYOUT_MS = 320;

function withSelection(model: Model, selection: ReadonlySet<string>, before: readonly DrawnNode[]): DrawnNode[] {
  const old = new Map(before.map((node) => [node.id, node]));
  return model.nodes.map((node) => {
    const was = old.get(node.id);
    const selected = selection.has(node.id);
    const unmoved = was && was.position.x === node.position.x && was.position.y === node.position.y;
    if (
      was &&
      unmoved &&
      was.data === node.data &&
      was.width === node.width &&
      was.height === node.height &&
      was.handles === node.handles &&
      Boolean(was.selected) === selected
    ) {
      return was;
    }
    return selected ? { ...node, selected } : node;
  });
}

function still(): boolean {
  return window.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}

function ease(t: number): number {
  return 1 - (1 - t) ** 3;
}

interface Drawn {
  readonly nodes: DrawnNode[];
  readonly change: (changes: NodeChange<DrawnNode>[]) => void;
}

/** `settle` rises when positions come from a new layout: then cards glide to their places instead of jumping. */
export function useDrawn(model: Model, selection: ReadonlySet<string>, settle: number): Drawn {
  const [nodes, setNodes] = useState<DrawnNode[]>(() => withSelection(model, selection, []));
  const seen = useRef(settle);
  const current = useRef(nodes);
  current.current = nodes;

  useEffect(() => {
    const target = withSelection(model, selection, current.current);
    const glide = seen.current !== settle && !still();
    seen.current = settle;
    if (!glide) {
      setNodes(target);
      return;
    }
    const from = new Map(current.current.map((node) => [node.id, node.position]));
    let frame = 0;
    const start = performance.now();
    const step = (now: number) => {
      const t = Math.min(1, (now - start) / LAYOUT_MS);
      setNodes(t === 1 ? target : target.map((node) => between(node, from.get(node.id), ease(t))));
      if (t < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [model, selection, settle]);

  const change = useCallback((changes: NodeChange<DrawnNode>[]) => {
    setNodes((before) => applyNodeChanges(changes, before));
  }, []);
  return { nodes, change };
}

function between(node: DrawnNode, from: Point | undefined, t: number): DrawnNode {
  if (!from) return node;
  const position = { x: from.x + (node.position.x - from.x) * t, y: from.y + (node.position.y - from.y) * t };
  return { ...node, position } as DrawnNode;
}
