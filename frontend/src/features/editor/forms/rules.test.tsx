import { fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { Json } from "@/graph/document";
import { serve } from "@/test/server";
import { last, one, prepare } from "./harness.test-data";

const VARIABLES = [
  { path: "customer.traits.employees", type: "number", sample: 540, source: "customer", values: [540, 12] },
  { path: "customer.traits.tech", type: "list", sample: ["Segment"], source: "customer", values: ["Segment"] },
  { path: "customer.traits.vip", type: "boolean", sample: true, source: "customer", values: [true] },
  { path: "customer.traits.signed_up", type: "date", sample: "2026-01-01T00:00:00Z", source: "customer", values: [] },
  { path: "event.properties.plan", type: "string", sample: "team", source: "event", values: ["team", "pro"] },
  { path: "steps.enrich.output.name", type: "string", sample: "Acme", source: "Enrich company", values: ["Acme"] },
];

beforeEach(() => {
  prepare();
  serve({
    "GET variables/": { variables: VARIABLES, events: ["Signed Up", "Purchase"] },
    "GET auth/session/": { authenticated: false },
  });
});

const rules = (value: Json, widget = "rules") => one(widget, { field: value }, { type: "object" });
const field = () => screen.getByLabelText("Field", { selector: "input" });
const ops = () =>
  within(screen.getByLabelText("Comparison"))
    .getAllByRole("option")
    .map((option) => (option as HTMLOptionElement).value);

describe("rows", () => {
  it("offer what is known, with the comparisons of its type", async () => {
    const told = rules({ all: [{ field: "", op: "eq", value: "" }] });
    await userEvent.click(field());
    await userEvent.click(await screen.findByRole("option", { name: /^Vip/ }));
    expect(last(told)).toEqual({ field: { all: [{ field: "customer.traits.vip", op: "is_true" }] } });
    expect(ops()).toEqual(["is_true", "is_false", "exists", "not_exists"]);
    await userEvent.clear(field());
    await userEvent.click(await screen.findByRole("option", { name: /^Signed up/ }));
    expect(last(told)).toEqual({
      field: { all: [{ field: "customer.traits.signed_up", op: "within_last", value: "30d" }] },
    });
    expect(screen.getByTestId("reading")).toHaveTextContent("Signed up is in the last 30 days.");
  });

  it("name an earlier step's output by its step, and offer the values that were seen", async () => {
    const told = rules({ all: [{ field: "steps.enrich.output.name", op: "eq", value: "" }] });
    expect(await screen.findByDisplayValue("name (Enrich company)")).toBeInTheDocument();
    await userEvent.click(screen.getByLabelText("Value", { selector: "input" }));
    await userEvent.click(await screen.findByRole("option", { name: "Acme" }));
    expect(last(told)).toEqual({ field: { all: [{ field: "steps.enrich.output.name", op: "eq", value: "Acme" }] } });
    expect(screen.getByTestId("reading")).toHaveTextContent("Name (Enrich company) is “Acme”.");
  });

  it("say so when a value is odd for the type, and keep it", async () => {
    const told = rules({ all: [{ field: "customer.traits.employees", op: "gt", value: 1 }] });
    const value = screen.getByLabelText("Value", { selector: "input" });
    await userEvent.clear(value);
    await userEvent.type(value, "many");
    expect(await screen.findByText("It has been a number so far.")).toBeInTheDocument();
    expect(last(told)).toEqual({ field: { all: [{ field: "customer.traits.employees", op: "gt", value: "many" }] } });
  });
});

describe("groups", () => {
  const TWO: Json = {
    all: [
      { field: "customer.traits.employees", op: "gt", value: 100 },
      { any: [{ field: "customer.traits.tech", op: "includes", value: "Segment" }] },
    ],
  };

  it("nest, are read aloud and as CEL, and go when they are emptied", async () => {
    const told = rules(TWO);
    expect(screen.getByTestId("cel")).toHaveTextContent(
      'customer.traits.employees > 100 && "Segment" in customer.traits.tech',
    );
    await userEvent.click(screen.getByRole("button", { name: "Remove the group" }));
    expect(last(told)).toEqual({ field: { all: [{ field: "customer.traits.employees", op: "gt", value: 100 }] } });
    await userEvent.click(screen.getByTestId("add-group"));
    expect(last(told)?.field).toEqual({
      all: [
        { field: "customer.traits.employees", op: "gt", value: 100 },
        { any: [{ field: "", op: "eq", value: "" }] },
      ],
    });
  });

  it("are put in order by the handle's arrow keys and by dragging", async () => {
    const told = rules(TWO);
    screen.getByRole("button", { name: "Move row 1 of 2: arrow keys" }).focus();
    await userEvent.keyboard("{ArrowDown}");
    const swapped = { field: { all: [...(TWO as { all: Json[] }).all].reverse() } };
    expect(last(told)).toEqual(swapped);
    const [first, second] = screen.getAllByRole("button", { name: /^Move row/ });
    if (!first || !second?.parentElement) throw new Error("no handles");
    const dataTransfer = { setData: () => {}, effectAllowed: "" };
    fireEvent.dragStart(second, { dataTransfer });
    fireEvent.dragOver(first.parentElement as HTMLElement, { dataTransfer });
    fireEvent.drop(first.parentElement as HTMLElement, { dataTransfer, clientY: -1 });
    expect(last(told)).toEqual({ field: TWO });
  });
});

describe("what a customer did", () => {
  it("is asked where there is a history, with how often and in what time", async () => {
    const told = rules({ all: [{ event: "Purchase", op: "gte", value: 1, within: "30d" }] }, "rules-history");
    const times = screen.getByLabelText("Times");
    await userEvent.clear(times);
    await userEvent.type(times, "2");
    expect(last(told)).toEqual({ field: { all: [{ event: "Purchase", op: "gte", value: 2, within: "30d" }] } });
    expect(screen.getByTestId("reading")).toHaveTextContent("Did Purchase at least 2 times in 30 days.");
    expect(screen.getByTestId("cel")).toHaveTextContent('did("Purchase", "30d") >= 2');
    await userEvent.selectOptions(screen.getByLabelText("Did or did not"), "not");
    expect(last(told)).toEqual({ field: { all: [{ event: "Purchase", op: "eq", value: 0, within: "30d" }] } });
    await userEvent.selectOptions(screen.getByLabelText("In what time"), "");
    expect(screen.getByTestId("reading")).toHaveTextContent("Did not do Purchase.");
  });

  it("is not offered within a run", () => {
    rules({ all: [{ field: "", op: "eq", value: "" }] });
    expect(screen.queryByTestId("add-did")).toBeNull();
  });

  it("comes back from CEL as rows", () => {
    rules('did("Purchase") == 0 && customer.traits.employees > 3', "rules-history");
    expect(screen.getByLabelText("Did or did not")).toHaveValue("not");
    expect(screen.getAllByTestId("rule")).toHaveLength(1);
  });
});
