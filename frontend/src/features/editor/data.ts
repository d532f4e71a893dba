/** What the editor asks the server. */

import { useQuery } from "@tanstack/react-query";
import { get, post, put } from "@/api/http";
import type { Credential, FlowDetail } from "@/api/models";
import type { Catalogue, NodeType, Schema } from "@/graph/catalogue";
import type { Issue, Severity } from "@/graph/check";
import { type Graph, isRecord, readGraph } from "@/graph/document";
import type { Draft } from "./saver";

export function useFlow(id: string) {
  return useQuery({
    queryKey: ["flows", id],
    queryFn: ({ signal }) => get<FlowDetail>(`flows/${id}/`, undefined, signal),
    // While customers inside are taken to a new version, how far it has come is worth a look a second.
    refetchInterval: ({ state }) => (state.data?.batch ? 1_000 : false),
  });
}

function rows(answer: unknown): unknown[] {
  if (Array.isArray(answer)) return answer;
  if (isRecord(answer) && Array.isArray(answer.results)) return answer.results;
  return [];
}

export function readCatalogue(answer: unknown): Catalogue {
  return new Map((rows(answer) as NodeType[]).map((type) => [type.type, type]));
}

export function useCatalogue() {
  return useQuery({
    queryKey: ["node-types"],
    queryFn: async ({ signal }) => readCatalogue(await get<unknown>("node-types/", undefined, signal)),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The JSON Schema of a flow's settings. */
export function useSettingsSchema() {
  return useQuery({
    queryKey: ["flow-settings"],
    queryFn: async ({ signal }): Promise<Schema> =>
      (await get<{ schema: Schema }>("flow-settings/", undefined, signal)).schema,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useDraft(id: string) {
  return useQuery({
    queryKey: ["draft", id],
    queryFn: async ({ signal }): Promise<Draft> =>
      readDraft(await get<unknown>(`flows/${id}/draft/`, undefined, signal)),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** The draft as it is now, and who saved it last. */
export async function pullDraft(id: string): Promise<Draft & { who: string }> {
  const answer = await get<unknown>(`flows/${id}/draft/`);
  const by = isRecord(answer) && isRecord(answer.saved_by) ? answer.saved_by : {};
  return { ...readDraft(answer), who: String(by.name || by.email || "somebody else") };
}

function readDraft(answer: unknown): Draft {
  const draft = isRecord(answer) ? answer : {};
  return { graph: readGraph(draft.graph), revision: Number(draft.revision ?? 0) };
}

/** Issues as the API gives them; absent parts become empty. */
export function readIssues(answer: unknown): Issue[] {
  return (Array.isArray(answer) ? answer : []).filter(isRecord).map((item) => ({
    code: String(item.code ?? ""),
    severity: (["error", "warning", "hint"].includes(String(item.severity)) ? item.severity : "error") as Severity,
    message: String(item.message ?? ""),
    node: String(item.node ?? ""),
    edge: String(item.edge ?? ""),
    field: String(item.field ?? ""),
    fix: String(item.fix ?? ""),
  }));
}

export async function saveDraft(
  id: string,
  graph: Graph,
  revision: number,
): Promise<{ revision: number; issues: Issue[] }> {
  const answer = await put<{ revision: number; issues: unknown }>(`flows/${id}/draft/`, { graph, revision });
  return { revision: answer.revision, issues: readIssues(answer.issues) };
}

export async function validate(graph: Graph): Promise<Issue[]> {
  const answer = await post<{ issues: unknown }>("graphs/validate/", { graph });
  return readIssues(answer.issues);
}

export async function layOut(graph: Graph): Promise<Graph> {
  return readGraph((await post<{ graph: unknown }>("graphs/layout/", { graph, direction: "down" })).graph);
}

export async function explain(graph: Graph): Promise<string> {
  return (await post<{ text: string }>("graphs/explain/", { graph })).text;
}

export interface Published {
  readonly number: number;
  readonly sentence: string;
}

export async function publish(
  id: string,
  revision: number,
  more: { choices?: object; note?: string; entry?: string | null } = {},
): Promise<Published> {
  const { choices, note, entry } = more;
  const sent = {
    revision,
    ...(choices ? { in_flight: choices } : {}),
    ...(note ? { note } : {}),
    ...(entry ? { segment_entry: entry } : {}),
  };
  const answer = await post<Record<string, unknown>>(`flows/${id}/publish/`, sent);
  return {
    number: Number(answer.number ?? answer.version ?? 0),
    sentence: String(answer.sentence ?? "New customers enter this version from now on."),
  };
}

export interface Checked {
  readonly ok: boolean;
  readonly message: string;
  readonly position: number | null;
  /** The line that is wrong, from 1, where no character is known. */
  readonly line: number | null;
}

export async function checkExpression(source: string, kind: "cel" | "liquid"): Promise<Checked> {
  const answer = await post<Record<string, unknown>>("expressions/check/", { source, kind });
  return {
    ok: answer.ok !== false,
    message: String(answer.message ?? ""),
    position: typeof answer.position === "number" ? answer.position : null,
    line: typeof answer.line === "number" ? answer.line : null,
  };
}

export interface Variable {
  readonly path: string;
  readonly type: string;
  readonly sample: string;
  /** Where it comes from: "customer", "event", or the name of an earlier step. */
  readonly source: string;
  /** Values that were really seen, to offer. */
  readonly values: readonly string[];
}

function readVariable(item: unknown): Variable[] {
  if (typeof item === "string") return [{ path: item, type: "", sample: "", source: "", values: [] }];
  if (!isRecord(item)) return [];
  const path = item.path ?? item.name;
  if (typeof path !== "string") return [];
  const samples = Array.isArray(item.samples)
    ? item.samples
    : item.sample === undefined || item.sample === null
      ? []
      : [item.sample];
  return [
    {
      path,
      type: String(item.type ?? ""),
      sample: samples
        .slice(0, 3)
        .map((each) => (typeof each === "string" ? each : JSON.stringify(each)))
        .join(", "),
      source: String(item.source ?? ""),
      values: (Array.isArray(item.values) ? item.values : []).map(String),
    },
  ];
}

/** What expressions and templates of a node may name. */
export function useVariables(flow: string, node: string) {
  return useQuery({
    queryKey: ["variables", flow, node],
    queryFn: async ({ signal }): Promise<readonly Variable[]> => {
      const answer = await get<unknown>("variables/", { flow, node }, signal);
      const list = isRecord(answer) && Array.isArray(answer.variables) ? answer.variables : rows(answer);
      return list.flatMap(readVariable);
    },
    enabled: Boolean(flow && node),
    staleTime: 30_000,
    retry: false,
  });
}

/** Names of events that came in lately, to suggest. */
export function useEventNames() {
  return useQuery({
    queryKey: ["event-names"],
    queryFn: async ({ signal }): Promise<readonly string[]> => {
      const answer = await get<unknown>("variables/", undefined, signal);
      return isRecord(answer) && Array.isArray(answer.events) ? answer.events.map(String) : [];
    },
    staleTime: 30_000,
    retry: false,
  });
}

export function useCredentials(connector: string) {
  return useQuery({
    queryKey: ["credentials"],
    queryFn: async ({ signal }) => rows(await get<unknown>("credentials/", undefined, signal)) as Credential[],
    select: (all) => (connector ? all.filter((item) => item.connector === connector) : all),
    retry: false,
  });
}

export interface Preview {
  readonly text: string;
  /** Whose traits it was filled from. */
  readonly customer: string;
}

function nameOf(customer: unknown): string {
  const who = isRecord(customer) ? customer : {};
  return String(who.name || who.email || who.id || "");
}

/** A template as a customer would get it: the one with this id, or with "" the one seen last. */
export async function preview(source: string, flow: string, how: string, customer: string): Promise<Preview> {
  const answer = await post<Record<string, unknown>>("templates/preview/", { source, flow, escape: how, customer });
  return { text: String(answer.text ?? ""), customer: nameOf(answer.customer) };
}

export interface Letter {
  readonly subject: string;
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
  readonly size: number;
  readonly clipped: boolean;
  readonly customer: string;
}

export interface LetterSource {
  readonly subject: string;
  readonly preheader: string;
  readonly body: string;
  readonly format: "markdown" | "html" | "blocks";
  readonly blocks?: readonly unknown[];
  readonly transactional: boolean;
}

/** An e-mail as a customer would get it. Nothing is sent. */
export async function previewLetter(source: LetterSource, flow: string, customer: string): Promise<Letter> {
  const answer = await post<Record<string, unknown>>("emails/preview/", { ...source, flow, customer });
  return { ...(answer as unknown as Letter), customer: nameOf(answer.customer) };
}

/** Sends the e-mail as that customer would get it to who is signed in, and says where it went. */
export async function testLetter(source: LetterSource, flow: string, customer: string): Promise<string> {
  const answer = await post<Record<string, unknown>>("emails/test/", { ...source, flow, customer });
  return answer.outbox
    ? `Kept in the outbox for ${String(answer.to)}: there is no mail server.`
    : `Sent to ${String(answer.to)}.`;
}

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** Customers to preview for: those seen last, or those that a search finds. */
export function usePeople(q: string, wanted: boolean) {
  return useQuery({
    queryKey: ["customers", "for-preview", q],
    queryFn: async ({ signal }): Promise<readonly Person[]> =>
      rows(await get<unknown>("customers/", { q }, signal))
        .filter(isRecord)
        .map((row) => ({ id: String(row.id), name: nameOf(row) })),
    enabled: wanted,
    staleTime: 15_000,
    retry: false,
    placeholderData: (before) => before,
  });
}
