import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Schema } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import type { Config } from "@/graph/document";
import { last, show as open, prepare } from "./harness.test-data";

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

const ISSUE: Issue = {
  code: "config_invalid",
  severity: "error",
  message: "Table is empty.",
  fix: "Name it.",
  node: "alert",
  edge: "",
  field: "table",
};

function show(schema: Schema, start: Config, type?: string) {
  return open(schema, start, { issues: [ISSUE], ...(type ? { type } : {}) });
}

beforeEach(() => {
  prepare();
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
