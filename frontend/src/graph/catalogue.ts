/** What the editor knows of node types: the answer of `GET node-types/`, by type. */

import type { Config, Json } from "./document";

export type Kind = "trigger" | "logic" | "wait" | "message" | "data" | "goal" | "exit";
export type PortKind = "main" | "side" | "error";

export interface Port {
  readonly id: string;
  readonly label: string;
  readonly kind: PortKind;
}

export interface Vendor {
  readonly id: string;
  readonly name: string;
  readonly letter: string;
}

/** A JSON Schema as pydantic writes it, with our `x-` additions; only what the forms read is named. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly examples?: readonly Json[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly additionalProperties?: boolean | Schema;
  readonly "x-widget"?: string;
  readonly "x-render"?: string;
  readonly "x-group"?: string;
  readonly "x-when"?: Readonly<Record<string, Json>>;
  readonly "x-options"?: readonly { readonly value: Json; readonly label: string }[];
  readonly "x-placeholder"?: string;
}

export interface NodeType {
  readonly type: string;
  readonly name: string;
  readonly category: string;
  readonly kind: Kind;
  readonly icon: string;
  readonly help: string;
  readonly schema: Schema;
  readonly ports: readonly Port[];
  readonly summary: string;
  readonly slim: boolean;
  readonly trigger: boolean;
  readonly effect: "internal" | "vendor" | "person";
  readonly vendor: Vendor | null;
  readonly price: number;
}

export type Catalogue = ReadonlyMap<string, NodeType>;

export const CATEGORIES = ["Triggers", "Logic", "Wait", "Reach people", "Data and vendors", "End"] as const;

/** What a fresh card is called where the palette's word ("For a time") makes no good name. */
const CARD_NAMES: Readonly<Record<string, string>> = {
  "wait.delay": "Wait",
  "wait.event": "Wait for",
  "wait.until": "Wait",
};

export function cardName(type: NodeType): string {
  return CARD_NAMES[type.type] ?? type.name;
}

/** The config a fresh node of this type starts with: the schema's own defaults, and one first case or branch. */
export function startingConfig(type: NodeType): Config {
  const config: Record<string, Json> = {};
  for (const [name, field] of Object.entries(type.schema.properties ?? {})) {
    if (field.default !== undefined && field.default !== null) config[name] = field.default;
  }
  if (type.type === "branch")
    config.cases = [{ id: "case_1", name: "", when: { all: [{ field: "", op: "eq", value: "" }] } }];
  if (type.type === "split")
    config.arms = [
      { id: "a", name: "A", weight: 50 },
      { id: "b", name: "B", weight: 50 },
    ];
  if (type.type === "parallel")
    config.arms = [
      { id: "arm_1", name: "" },
      { id: "arm_2", name: "" },
    ];
  if (type.type === "wait.event") {
    config.branches = [{ id: "happened", name: "", event: "", filter: "" }];
    config.timeout = "5d";
  }
  if (type.type === "wait.delay") config.for = "2d";
  if (type.type === "wait.until") config.at = "09:00";
  return config;
}
