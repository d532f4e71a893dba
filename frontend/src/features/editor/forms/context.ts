import { createContext, useContext } from "react";
import type { NodeType } from "@/graph/catalogue";
import type { Config, GraphNode } from "@/graph/document";

/** Whose form a field stands in. */
export interface Where {
  readonly flow: string;
  readonly node: GraphNode;
  readonly type: NodeType;
  readonly onShow: (id: string) => void;
  /** Where a field may open an editor of several fields at once, as an e-mail's does. */
  readonly whole?: {
    readonly disabled: boolean;
    readonly onChange: (config: Config, field: string) => void;
    readonly onRest: () => void;
  };
}

export const FieldContext = createContext<Where | null>(null);

export function useWhere(): Where {
  const where = useContext(FieldContext);
  if (!where) throw new Error("a field stands outside of a form");
  return where;
}
