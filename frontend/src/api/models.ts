/** The shapes the API answers in, as the screens use them. `contract.test-d.ts` holds them against schema.d.ts. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Page<T> = { results: T[]; next: string | null; previous: string | null };

export type Role = "viewer" | "editor" | "admin";
export type User = { id: string; email: string; name: string };
export type Workspace = { id: string; slug: string; name: string; timezone: string };
export type Me = { user: User; workspace: Workspace; role: Role; workspaces: Workspace[]; sandbox: boolean };

export type Drawing = {
  width: number;
  height: number;
  nodes: { id: string; x: number; y: number; w: number; h: number; kind: string; state?: string }[];
  edges: number[][];
};

export type FlowState = "draft" | "live" | "closed" | "paused" | "draining" | "stopped" | "archived";
export type Flow = {
  id: string;
  name: string;
  tags: string[];
  state: FlowState;
  draft_revision: number;
  published_version: number | null;
  has_unpublished_changes: boolean;
  owner: User | null;
  created_at: string;
  changed_at: string;
  sentence: string;
  issues: { errors: number; warnings: number };
  drawing: Drawing;
  volume: { day: number; inside: number; failed: number; hours: number[] };
};
export type FlowDetail = Flow & { hooks: { node: string; url: string }[] };
export type Template = { id: string; name: string; description: string; graph: Json; drawing: Drawing };

export type CustomerRef = { id: string; name: string; email: string };
export type RunStatus = "active" | "completed" | "goal" | "exited" | "cancelled" | "failed" | "expired";
export type Run = {
  id: string;
  flow: { id: string; name: string };
  version: number;
  customer: CustomerRef;
  status: string;
  state: string;
  node: { id: string; name: string } | null;
  sentence: string;
  reason: string;
  started_at: string;
  ended_at: string | null;
  cost: number;
  steps: number;
};
export type Attempt = {
  number: number;
  key: string;
  state: string;
  started_at: string;
  ended_at: string | null;
  status: number | null;
  error_class: string;
  message: string;
  sandbox: boolean;
  cost: number;
};
export type Step = {
  id: string;
  node: string;
  visit: number;
  seq: number;
  status: string;
  entered_at: string;
  due_at: string | null;
  left_at: string | null;
  port: string;
  reason: string;
  flagged: string;
  reads: Json;
  input: Json;
  output: Json;
  traits: Json;
  cost: number;
  attempts: Attempt[];
};
export type RunDetail = Omit<Run, "steps"> & {
  event: EventRow | null;
  correlation: string;
  steps: Step[];
  context: Json;
};

export type Provenance = {
  value: Json;
  source: string;
  occurred_at: string;
  recorded_at: string;
  won: boolean;
  reference: string;
};
export type Customer = {
  id: string;
  external_id: string;
  email: string;
  name: string;
  traits: { [name: string]: Json };
  created_at: string;
  seen_at: string;
};
export type CustomerDetail = Customer & {
  aliases: Json[];
  provenance: { [trait: string]: Provenance[] };
};
export type JourneyItem =
  | ({ kind: "event"; at: string } & EventRow)
  | { kind: "run"; at: string; run: Run; steps: Step[] };
export type Journey = { customer: CustomerDetail; items: JourneyItem[]; truncated: boolean };

export type EventRow = {
  id: string;
  type: string;
  name: string;
  message_id: string;
  source: string;
  customer: CustomerRef | null;
  user_id: string;
  anonymous_id: string;
  occurred_at: string;
  received_at: string;
  clamped: boolean;
  status: string;
  problem: string;
  conflicts: number;
  outcome: Outcome[];
  payload: Json;
};
/** One thing an event did: started a run, was refused by a flow, or woke a run. */
export type Outcome = { flow?: string; flow_name?: string; run?: string; refused?: string; woke?: string };

export type Mail = {
  id: string;
  to: string;
  sender: string;
  subject: string;
  html: string;
  text: string;
  headers: { [name: string]: string };
  delivered_by: string;
  sent_at: string;
  customer: CustomerRef | null;
  run: string | null;
  node: string;
  flow: { id: string; name: string } | null;
};

export type Credential = {
  id: string;
  name: string;
  connector: string;
  hint: string;
  hosts: string[];
  created_by: User | null;
  created_at: string;
  tested_at: string | null;
  test_result: string;
};
export type ConnectorAction = {
  id: string;
  name: string;
  help: string;
  icon: string;
  category: string;
  effect: string;
  idempotent: boolean;
  capability: string;
  price: number;
};
export type JsonSchema = { [key: string]: Json };
export type Connector = {
  id: string;
  name: string;
  letter: string;
  help: string;
  docs_url: string;
  mode: "sandbox" | "connected" | "builtin" | "needs_credential";
  can_test: boolean;
  actions: ConnectorAction[];
  credential_schema: JsonSchema | null;
  credentials: Credential[];
};

export type KeyRole = "admin" | "editor" | "viewer" | "ingest";
export type ApiKey = {
  id: string;
  name: string;
  role: KeyRole;
  prefix: string;
  last4: string;
  created_at: string;
  created_by: User | null;
  used_at: string | null;
  revoked_at: string | null;
};
export type Member = { id: string; user: User; role: Role; created_at: string };
export type NewApiKey = ApiKey & { key: string };

export type Home = {
  events_per_minute: number;
  events_minutes: number[];
  moving: number;
  waiting: number;
  held: number;
  failed_hour: number;
};
