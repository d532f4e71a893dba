import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { page, serve } from "@/test/server";
import { written } from "./DurationField";
import { last, one, prepare } from "./harness.test-data";
import { WIDGETS } from "./widgets";

beforeEach(() => {
  prepare();
  serve({
    "GET variables/": { variables: [], events: ["Signed Up", "Purchase"] },
    "GET auth/session/": { authenticated: false },
    "GET flows/": page([
      { id: "f", name: "This one", state: "live" },
      { id: "g", name: "Welcome back", state: "live" },
      { id: "h", name: "Winter", state: "draft" },
    ]),
  });
});

describe("every widget", () => {
  it.each(Object.keys(WIDGETS))("%s draws an empty value without an error", (widget) => {
    const type = ["key-value", "traits", "object", "json"].includes(widget) ? "object" : "string";
    one(widget, {}, { type });
    expect(screen.getByTestId("field-field")).not.toBeEmptyDOMElement();
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("help", () => {
  it("says what a field is for, how it is written and an example", async () => {
    one("duration", {}, { description: "How long to wait." });
    await userEvent.click(screen.getByRole("button", { name: "Help for Field" }));
    const help = await screen.findByTestId("field-help");
    expect(help).toHaveTextContent("How long to wait.");
    expect(help).toHaveTextContent("For example 1d 6h");
    expect(screen.getByLabelText("Field")).toHaveAccessibleDescription("How long to wait.");
    expect(help).toHaveTextContent("May be left empty.");
  });
});

describe("clock", () => {
  it("reads a time as people type it, and moves by arrows", async () => {
    const told = one("clock");
    const field = screen.getByLabelText("Field");
    await userEvent.type(field, "9 pm");
    await userEvent.tab();
    expect(last(told)).toEqual({ field: "21:00" });
    expect(field).toHaveValue("21:00");
    await userEvent.type(field, "{ArrowUp}");
    expect(last(told)).toEqual({ field: "21:15" });
    await userEvent.type(field, "{Shift>}{ArrowDown}{/Shift}");
    expect(last(told)).toEqual({ field: "20:15" });
  });

  it("keeps what is no time, and says so", async () => {
    const told = one("clock");
    await userEvent.type(screen.getByLabelText("Field"), "noonish");
    await userEvent.tab();
    expect(last(told)).toEqual({ field: "noonish" });
    expect(screen.getByText("A time of day, such as 09:00")).toBeInTheDocument();
  });
});

describe("weekdays", () => {
  it("keeps the order of the week, and none means every day", async () => {
    const told = one("weekdays", { field: ["wed"] }, { type: "array" });
    await userEvent.click(screen.getByRole("button", { name: "Monday" }));
    expect(last(told)).toEqual({ field: ["mon", "wed"] });
    expect(screen.getByRole("button", { name: "Monday" })).toHaveAttribute("aria-pressed", "true");
    await userEvent.click(screen.getByRole("button", { name: "Weekdays" }));
    expect(last(told)).toEqual({ field: ["mon", "tue", "wed", "thu", "fri"] });
    await userEvent.click(screen.getByRole("button", { name: "Every day" }));
    expect(last(told)).toEqual({});
  });
});

describe("window", () => {
  it("is set, told in words across midnight, and taken away", async () => {
    const told = one("window", {}, { type: "object" });
    await userEvent.click(screen.getByRole("button", { name: "Set the hours" }));
    expect(last(told)).toEqual({ field: { from: "09:00", to: "18:00" } });
    const from = screen.getByLabelText("Field: from");
    await userEvent.clear(from);
    await userEvent.type(from, "22");
    await userEvent.tab();
    expect(screen.getByText("From 22:00 until 18:00 the next day, every day.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Weekend" }));
    expect(last(told)).toEqual({ field: { from: "22:00", to: "18:00", days: ["sat", "sun"] } });
    await userEvent.click(screen.getByRole("button", { name: "Remove field" }));
    expect(last(told)).toEqual({});
  });
});

describe("cron", () => {
  it("builds the usual schedules and shows their next moments in the zone", async () => {
    const told = one("cron", { timezone: "Europe/Berlin" });
    await userEvent.selectOptions(screen.getByLabelText("Field"), "week");
    expect(last(told)).toMatchObject({ field: "0 9 * * 1" });
    await userEvent.click(screen.getByRole("button", { name: "Thursday" }));
    expect(last(told)).toMatchObject({ field: "0 9 * * 1,4" });
    const next = screen.getByTestId("next-runs");
    expect(next).toHaveTextContent("Every Monday and Thursday at 09:00, Europe/Berlin time");
    expect(within(next).getAllByRole("listitem")).toHaveLength(5);
    expect(within(next).getAllByText("09:00")).toHaveLength(5);
  });

  it("takes the five parts as they are, and says which is wrong", async () => {
    const told = one("cron", { field: "0 9 1-7 * MON" });
    const parts = screen.getByLabelText("Field: five parts");
    expect(parts).toHaveValue("0 9 1-7 * MON");
    await userEvent.clear(parts);
    await userEvent.type(parts, "61 * * * *");
    expect(last(told)).toEqual({ field: "61 * * * *" });
    expect(screen.getByText(/“61” is no minute/)).toBeInTheDocument();
  });
});

describe("duration", () => {
  it("writes a fraction in whole units, as the server reads them", () => {
    expect(written({ number: "1.5", unit: "d" })).toBe("1d12h");
    expect(written({ number: "0,5", unit: "h" })).toBe("30m");
    expect(written({ number: "0.0004", unit: "s" })).toBe("0.0004");
    expect(written({ number: "1d 6h", unit: "m" })).toBe("1d 6h");
  });

  it("says so at once when it cannot be read", async () => {
    const told = one("duration");
    await userEvent.type(screen.getByLabelText("Field"), "1.5");
    expect(last(told)).toEqual({ field: "1d12h" });
    expect(screen.getByText("1 day 12 hours")).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText("Field"), "x");
    expect(screen.getByText(/A number, such as 2/)).toBeInTheDocument();
  });
});

describe("signed duration", () => {
  it("says before and after", async () => {
    const told = one("signed-duration", { field: "-2h" });
    expect(screen.getByLabelText("Field")).toHaveValue("2");
    await userEvent.click(screen.getByLabelText("Field: before or after", { selector: "input" }));
    await userEvent.click(await screen.findByRole("option", { name: "after" }));
    expect(last(told)).toEqual({ field: "2h" });
    await userEvent.click(screen.getByLabelText("Field: before or after", { selector: "input" }));
    await userEvent.click(await screen.findByRole("option", { name: "exactly at" }));
    expect(last(told)).toEqual({});
  });
});

describe("time zone", () => {
  it("shows the time that it is there", () => {
    one("timezone", { field: "Asia/Kolkata" });
    expect(screen.getByTestId("zone-now")).toHaveTextContent(/It is \d\d:\d\d there now \(UTC\+05:30\)\./);
  });
});

describe("money", () => {
  it("keeps small prices exact", async () => {
    const told = one("money", {}, { type: "number" });
    await userEvent.type(screen.getByLabelText("Field"), "0.0015");
    expect(last(told)).toEqual({ field: 0.0015 });
    expect(screen.getByLabelText("Field")).toHaveValue("$0.0015");
  });
});

describe("pickers", () => {
  it("offer the other flows, and say what state they are in", async () => {
    const told = one("flow");
    await userEvent.click(await screen.findByPlaceholderText("Choose a flow"));
    expect(await screen.findByRole("option", { name: "Winter (draft)" })).toBeInTheDocument();
    expect(screen.queryByRole("option", { name: /This one/ })).toBeNull();
    await userEvent.click(screen.getByRole("option", { name: "Welcome back" }));
    expect(last(told)).toEqual({ field: "g" });
    expect(screen.getByRole("link", { name: /Open Welcome back/ })).toHaveAttribute("href", "/flows/g");
  });

  it("say so where a server has no segments", async () => {
    one("segment");
    expect(await screen.findByTestId("no-segments")).toHaveTextContent("This server has no segments.");
  });
});
