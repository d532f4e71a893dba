/** The shapes the API answers in: names for the generated types, so that a change of the API shows where it hurts. */

import type { components } from "./schema";

type Schemas = components["schemas"];
/** A shape with some parts known better than the document can say them. */
type With<Shape, Known> = Omit<Shape, keyof Known> & Known;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Page<T> = { results: T[]; next: string | null; previous: string | null };

export type User = Schemas["Person"];
export type Workspace = Schemas["Workspace"];
export type Me = Schemas["Me"];
export type Role = Me["role"];
export type Member = Schemas["Member"];
export type Trial = Schemas["Trial"];
export type Restored = Schemas["Restored"];

export type Drawing = Schemas["Drawing"];
export type Flow = Schemas["Flow"];
export type FlowDetail = Schemas["FlowDetail"];
export type Segment = Schemas["Segment"];
export type SegmentPreview = Schemas["SegmentPreview"];
export type PublishPlan = Schemas["PublishPlan"];
export type Overdue = Schemas["Overdue"];
export type Resume = Schemas["ResumeRequest"];
export type PublishPlace = Schemas["PublishPlace"];
export type VersionDiff = Schemas["VersionDiff"];
export type Version = Schemas["Version"];
export type FlowState = Flow["state"];
export type Template = Schemas["Template"];

export type CustomerRef = Schemas["CustomerRef"];
export type Run = Schemas["Run"];
export type RunStatus = Run["status"];
export type Attempt = Schemas["Attempt"];
export type Step = Schemas["Step"];
export type RunDetail = With<Schemas["RunDetail"], { event: EventRow | null }>;

export type Provenance = With<Schemas["TraitValue"], { value: Json }>;
type Traits = { traits: { [name: string]: Json } };
export type Customer = With<Schemas["Customer"], Traits>;
export type CustomerDetail = With<
  Schemas["CustomerDetail"],
  Traits & { provenance: { [trait: string]: Provenance[] } }
>;

/** One thing an event did: started a run, was refused by a flow, woke a run, reached a goal of one, or ended it. */
export type Outcome = {
  flow?: string;
  flow_name?: string;
  run?: string;
  refused?: string;
  woke?: string;
  goal?: string;
  left?: string;
  sentence?: string;
};
export type EventRow = With<Schemas["Event"], { outcome: Outcome[] }>;
export type JourneyEvent = EventRow & { kind: "event"; at: string };
export type JourneyRun = With<Schemas["JourneyRun"], { kind: "run" }>;
export type JourneyItem = JourneyEvent | JourneyRun;
export type Journey = { customer: CustomerDetail; items: JourneyItem[]; truncated: boolean };

export type Mail = Schemas["Mail"];

export type JsonSchema = { [key: string]: Json };
export type Credential = Schemas["Credential"];
export type ConnectorAction = Schemas["ConnectorAction"];
export type Connector = With<Schemas["Connector"], { credential_schema: JsonSchema | null }>;

export type ApiKey = Schemas["ApiKey"];
export type KeyRole = Schemas["ApiKeyCreateRequest"]["role"];
export type NewApiKey = Schemas["NewApiKey"];

export type Home = Schemas["Home"];
