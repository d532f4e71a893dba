import { describe, expect, it } from "vitest";
import { asked, fieldsOf, secretOf } from "./data";

const schema = {
  type: "object",
  required: ["api_key"],
  properties: {
    api_key: { type: "string", title: "Secret key", "x-widget": "password", description: "From your account." },
    port: { type: "integer", default: 587 },
    tls: { type: "boolean", default: true },
    host: { anyOf: [{ type: "string" }, { type: "null" }], examples: ["mail.example"] },
  },
};

describe("credential fields", () => {
  it("come from the schema, secrets marked as such", () => {
    const fields = fieldsOf(schema);
    expect(fields.map((field) => field.name)).toEqual(["api_key", "port", "tls", "host"]);
    expect(fields[0]).toMatchObject({ label: "Secret key", secret: true, required: true, help: "From your account." });
    expect(fields[3]).toMatchObject({ example: "mail.example", secret: false, required: false });
    expect(fieldsOf(null)).toEqual([]);
  });

  it("are asked for only while their condition holds", () => {
    const fields = fieldsOf({
      properties: {
        mode: { enum: ["bot", "hook"], default: "bot" },
        token: { type: "string", "x-when": { mode: "bot" } },
        url: { type: "string", "x-when": { mode: "hook" } },
      },
    });
    expect(asked(fields, {}).map((field) => field.name)).toEqual(["mode", "token"]);
    expect(asked(fields, { mode: "hook" }).map((field) => field.name)).toEqual(["mode", "url"]);
  });

  it("are sent as the schema's types, empty ones left out", () => {
    const fields = fieldsOf(schema);
    expect(secretOf(fields, { api_key: " sk_1 ", port: "25", tls: "false" })).toEqual({
      api_key: "sk_1",
      port: 25,
      tls: false,
    });
    expect(secretOf(fields, {})).toEqual({ port: 587, tls: true });
  });
});
