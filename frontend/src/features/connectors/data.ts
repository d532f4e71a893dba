import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Connector, Json, JsonSchema } from "@/api/models";
import type { components } from "@/api/schema";

/** Every connector as it stands in this workspace. */
export const useConnectors = () =>
  useQuery({
    queryKey: ["connectors"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/connectors/", { signal }))).results as Connector[],
  });

export type Tested = components["schemas"]["CredentialTested"];

/** Entering, testing and revoking a credential; each renews what is shown. */
export function useCredentials() {
  const client = useQueryClient();
  const renew = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["connectors"] }),
      client.invalidateQueries({ queryKey: ["me"] }),
    ]);
  const add = useMutation({
    mutationFn: (made: { connector: string; name: string; secret: Record<string, Json> }) =>
      answer(api.POST("/api/v1/credentials/", { body: made })),
    onSuccess: renew,
  });
  const test = useMutation({
    mutationFn: (id: string) =>
      answer(api.POST("/api/v1/credentials/{credential_id}/test/", { params: { path: { credential_id: id } } })),
    onSuccess: renew,
  });
  const drop = useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE("/api/v1/credentials/{credential_id}/", { params: { path: { credential_id: id } } })),
    onSuccess: renew,
  });
  return { add, test, drop };
}

export type Field = {
  name: string;
  label: string;
  help: string;
  secret: boolean;
  required: boolean;
  example: string;
  options: string[];
  number: boolean;
  flag: boolean;
  start: string;
  /** Shown only while another field has this value. */
  when: { field: string; value: string } | null;
};

const record = (value: Json | undefined): JsonSchema =>
  value && typeof value === "object" && !Array.isArray(value) ? value : {};
const text = (value: Json | undefined): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

/** The fields a credential asks for, from its JSON Schema. */
export function fieldsOf(schema: JsonSchema | null): Field[] {
  if (!schema) return [];
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return Object.entries(record(schema.properties)).map(([name, raw]) => {
    const field = record(raw);
    const parts = Array.isArray(field.anyOf) ? field.anyOf.map((each) => record(each)) : [field];
    const types = parts.map((each) => text(each.type));
    const examples = Array.isArray(field.examples) ? field.examples : [];
    const options = Array.isArray(field.enum) ? field.enum.map(String) : [];
    return {
      name,
      label: text(field.title) || name,
      help: text(field.description),
      secret: field["x-widget"] === "password" || field.format === "password",
      required: required.includes(name),
      example: text(field["x-placeholder"]) || text(examples[0]),
      options,
      number: types.includes("integer") || types.includes("number"),
      flag: types.includes("boolean"),
      when: whenOf(field["x-when"]),
      start: text(field.default) || (field.default === true ? "true" : ""),
    };
  });
}

/** The one condition under which a field is asked for. */
function whenOf(raw: Json | undefined): Field["when"] {
  const [first] = Object.entries(record(raw));
  return first ? { field: first[0], value: String(first[1]) } : null;
}

/** The fields that what is entered so far asks for. */
export function asked(fields: readonly Field[], values: Readonly<Record<string, string>>): Field[] {
  const value = (name: string) => values[name] ?? fields.find((each) => each.name === name)?.start ?? "";
  return fields.filter(({ when }) => when === null || value(when.field) === when.value);
}

/** What was entered, as the schema wants it; empty fields are left out. */
export function secretOf(fields: readonly Field[], values: Readonly<Record<string, string>>): Record<string, Json> {
  const made: Record<string, Json> = {};
  for (const field of fields) {
    const value = (values[field.name] ?? field.start).trim();
    if (field.flag) made[field.name] = value === "true";
    else if (value) made[field.name] = field.number && Number.isFinite(Number(value)) ? Number(value) : value;
  }
  return made;
}

/** Connectors by what they are for: the category of what they offer, in the order of the catalogue. */
export function groups(connectors: readonly Connector[]): [string, Connector[]][] {
  const made = new Map<string, Connector[]>();
  for (const connector of connectors) {
    const category = connector.actions[0]?.category || "Other";
    made.set(category, [...(made.get(category) ?? []), connector]);
  }
  const order = ["Data and vendors", "Reach people"];
  return [...made].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
}
