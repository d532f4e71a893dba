import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { MemoryRouter } from "react-router";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Schema } from "@/graph/catalogue";
import type { Config } from "@/graph/document";
import { CATALOGUE, CHAIN, node, typeNamed } from "@/graph/sample.test-data";
import { createEditor, EditorContext } from "../store";
import { Form } from "./Form";

const SCHEMA: Schema = {
  type: "object",
  required: ["table"],
  properties: {
    table: { type: "string", title: "Table", "x-widget": "text" },
    wait: { type: "string", title: "Wait", default: "2d", "x-widget": "duration" },
    method: { type: "string", title: "Method", enum: ["GET", "POST"], default: "GET" },
    body: {
      anyOf: [{ type: "object" }, { type: "null" }],
      title: "Body",
      "x-widget": "json",
      "x-when": { method: "POST" },
    },
    headers: { type: "object", title: "Headers", "x-widget": "key-value" },
  },
};

function Harness({
  schema,
  start,
  type = "slack.message",
  told,
}: {
  schema: Schema;
  start: Config;
  type?: string;
  told: (config: Config) => void;
}) {
  const [config, setConfig] = useState(start);
  const [editor] = useState(() => createEditor({ flow: "f", catalogue: CATALOGUE, graph: CHAIN, editable: true }));
  return (
    <EditorContext value={editor}>
      <Form
        schema={schema}
        type={typeNamed(type)}
        node={{ ...node(type === "branch" ? "size" : "alert", type), config }}
        flow="f"
        issues={[
          {
            code: "config_invalid",
            severity: "error",
            message: "Table is empty.",
            fix: "Name it.",
            node: "alert",
            edge: "",
            field: "table",
          },
        ]}
        disabled={false}
        focus=""
        onRest={() => {}}
        onShow={() => {}}
        onChange={(next) => {
          setConfig(next);
          told(next);
        }}
      />
    </EditorContext>
  );
}

function show(schema: Schema, start: Config, type?: string) {
  const told = vi.fn<(config: Config) => void>();
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <MemoryRouter>
          <Harness schema={schema} start={start} told={told} {...(type ? { type } : {})} />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return told;
}

const last = (told: ReturnType<typeof show>) => told.mock.calls.at(-1)?.[0];

beforeEach(() => {
  // jsdom has no font loading, which growing text fields listen to.
  Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() });
  vi.stubGlobal(
    "fetch",
    async () =>
      new Response(
        JSON.stringify({ variables: [{ path: "customer.traits.employees", type: "number", sample: 540 }], events: [] }),
        { headers: { "Content-Type": "application/json" } },
      ),
  );
});

describe("form", () => {
  it("is made from the schema, says what is wrong at the field, and shows a field only when it applies", async () => {
    const told = show(SCHEMA, {});
    expect(screen.getByText(/Table is empty\. Name it\./)).toBeInTheDocument();
    expect(screen.queryByTestId("field-body")).toBeNull();
    await userEvent.type(within(screen.getByTestId("field-table")).getByRole("textbox"), "rows");
    expect(last(told)).toEqual({ table: "rows" });
  });

  it("writes durations as the document does", async () => {
    const told = show(SCHEMA, { wait: "2d" });
    const field = within(screen.getByTestId("field-wait")).getAllByRole("textbox")[0];
    if (!field) throw new Error("no field");
    await userEvent.clear(field);
    await userEvent.type(field, "5");
    expect(last(told)).toEqual({ wait: "5d" });
  });

  it("keeps JSON that is not finished in the field, and out of the document", async () => {
    const told = show(SCHEMA, { method: "POST" });
    const field = within(screen.getByTestId("field-body")).getByRole("textbox");
    await userEvent.type(field, '{{"a": 1');
    expect(told).not.toHaveBeenCalled();
    expect(screen.getByText(/This is not JSON yet/)).toBeInTheDocument();
    await userEvent.type(field, "}");
    expect(last(told)).toEqual({ method: "POST", body: { a: 1 } });
  });

  it("adds names and values row by row", async () => {
    const told = show(SCHEMA, {});
    await userEvent.click(screen.getByTestId("add-headers"));
    const group = screen.getByRole("group", { name: "Headers" });
    await userEvent.type(within(group).getByLabelText("Name 1", { selector: "input" }), "X-A");
    await userEvent.type(within(group).getByLabelText("Value of X-A", { selector: "input" }), "1");
    expect(last(told)).toEqual({ headers: { "X-A": "1" } });
  });
});

describe("rule builder", () => {
  const cases: Schema = { type: "object", properties: { cases: { type: "array", "x-widget": "cases" } } };

  it("shows CEL as rows, changes them, and says the CEL that will run", async () => {
    const told = show(
      cases,
      { cases: [{ id: "big", name: "Big", when: "customer.traits.employees > 100" }] },
      "branch",
    );
    expect(screen.getByLabelText("Field", { selector: "input" })).toHaveValue("Employees");
    const value = screen.getByLabelText("Value", { selector: "input" });
    await userEvent.clear(value);
    await userEvent.type(value, "250");
    expect(last(told)).toEqual({
      cases: [
        { id: "big", name: "Big", when: { all: [{ field: "customer.traits.employees", op: "gt", value: 250 }] } },
      ],
    });
    expect(screen.getByTestId("cel")).toHaveTextContent("customer.traits.employees > 250");
  });

  it("adds a second condition, and says where each case leads", async () => {
    const told = show(
      cases,
      { cases: [{ id: "big", name: "Big", when: "customer.traits.employees > 100" }] },
      "branch",
    );
    await userEvent.click(screen.getByTestId("add-condition"));
    expect(screen.getAllByTestId("rule")).toHaveLength(2);
    expect((last(told)?.cases as { when: { all: unknown[] } }[])[0]?.when.all).toHaveLength(2);
    expect(screen.getByRole("button", { name: "alert" })).toBeInTheDocument();
  });
});
