import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { beforeAll, expect, test, vi } from "vitest";
import type { Json } from "@/graph/document";
import { node, typeNamed } from "@/graph/sample.test-data";
import { FieldContext } from "../../forms/context";
import { prepare } from "../../forms/harness.test-data";
import type { Field } from "../../forms/schema";
import { Quiet } from "./Quiet";
import { Rules } from "./Rules";

beforeAll(prepare);

const field = (widget: string, schema: Field["schema"] = {}): Field => ({
  name: widget,
  label: "Field",
  help: "",
  widget,
  required: false,
  schema,
  group: "",
  options: [],
});

function show(widget: "exits" | "goals" | "quiet-hours", start: Json | undefined) {
  const told = vi.fn<(value: Json | undefined) => void>();
  function Held() {
    const [value, setValue] = useState(start);
    const props = {
      field: field(widget, {
        items: { properties: { mode: { type: "string", enum: ["count", "exit"], "x-widget": "select" } } },
      }),
      value,
      issues: [],
      disabled: false,
      onChange: (next: Json | undefined) => {
        told(next);
        setValue(next);
      },
    };
    return widget === "quiet-hours" ? <Quiet {...props} /> : <Rules {...props} />;
  }
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <FieldContext
          value={{
            flow: "f",
            node: node("alert", "slack.message"),
            type: typeNamed("slack.message"),
            onShow: () => {},
          }}
        >
          <Held />
        </FieldContext>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return told;
}

test("an exit is added, named after nothing yet, and removed without a trace", () => {
  const told = show("exits", undefined);
  fireEvent.click(screen.getByTestId("add-exit"));
  expect(told).toHaveBeenLastCalledWith([{ id: "exit_1", event: "" }]);
  fireEvent.click(screen.getByRole("button", { name: "Remove exit 1" }));
  expect(told).toHaveBeenLastCalledWith(undefined);
});

test("a condition has neither an event nor anything to be the same as", () => {
  const told = show("goals", [{ id: "paid", event: "Paid", same: "event.properties.cart" }]);
  fireEvent.click(screen.getByRole("radio", { name: "A condition" }));
  expect(told).toHaveBeenLastCalledWith([{ id: "paid" }]);
});

test("quiet hours begin with a night that holds, and go away whole", () => {
  const told = show("quiet-hours", undefined);
  fireEvent.click(screen.getByTestId("quiet-switch"));
  expect(told).toHaveBeenLastCalledWith({ window: { from: "21:00", to: "08:00" }, mode: "hold", max_hold: "24h" });
  fireEvent.click(screen.getByTestId("quiet-switch"));
  expect(told).toHaveBeenLastCalledWith(undefined);
});
