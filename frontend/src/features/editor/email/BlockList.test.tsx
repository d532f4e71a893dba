import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { Schema } from "@/graph/catalogue";
import type { Config } from "@/graph/document";
import { serve } from "@/test/server";
import { last, prepare, show } from "../forms/harness.test-data";
import { previewAs } from "../forms/previewAs";
import { type Block, blocksOf, duplicated, fresh, moved, said } from "./blocks";

const SCHEMA: Schema = {
  type: "object",
  required: ["subject"],
  properties: {
    subject: { type: "string", title: "Subject", "x-widget": "liquid" },
    body: { type: "string", title: "Body", default: "", "x-widget": "liquid-html" },
    format: { type: "string", title: "Written in", enum: ["markdown", "html", "blocks"], default: "markdown" },
    blocks: { type: "array", title: "Blocks", default: [], "x-widget": "email-blocks", "x-when": { format: "blocks" } },
  },
};
const SLOW = { timeout: 15_000 };
const START: Config = {
  subject: "Hi",
  format: "blocks",
  blocks: [
    { id: "heading", kind: "heading", text: "Welcome" },
    { id: "button", kind: "button", text: "Go", url: "https://a.example" },
  ],
};

function open() {
  const { calls } = serve({
    "GET variables/": {
      variables: [
        { path: "customer.traits.plan", type: "string", sample: "pro", source: "customer", values: ["pro"] },
        { path: "event.properties.sku", type: "string", sample: "A1", source: "event", values: [] },
      ],
      events: [],
    },
    "POST expressions/check/": { ok: true, message: "", position: null },
    "POST emails/preview/": {
      subject: "Hi",
      preheader: "",
      html: "<html><body></body></html>",
      text: "Hi",
      size: 10,
      clipped: false,
      customer: null,
    },
  });
  return { calls, told: show(SCHEMA, START, { type: "email.send" }) };
}

const kinds = (config: Config | undefined) => blocksOf(config?.blocks).map(({ kind, id }) => `${kind}:${id}`);

beforeEach(() => {
  prepare();
  previewAs(null);
  Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
});

describe("blocks of an e-mail", () => {
  it("shows them in the panel, a line each", () => {
    open();
    expect(within(screen.getByTestId("block-lines")).getAllByRole("listitem")).toHaveLength(2);
    expect(screen.getByTestId("block-lines")).toHaveTextContent("Heading Welcome");
  });

  it("adds, moves, duplicates and deletes by keys, and previews what is written", async () => {
    const { calls, told } = open();
    await userEvent.click(screen.getByTestId("edit-email"));
    const list = await screen.findByRole("list", { name: "Blocks of the e-mail" }, SLOW);
    within(list)
      .getByRole("button", { name: /^Heading/ })
      .focus();
    await userEvent.keyboard("{Alt>}{ArrowDown}{/Alt}");
    expect(kinds(last(told))).toEqual(["button:button", "heading:heading"]);
    await expect.poll(() => document.activeElement?.textContent).toContain("Heading");
    await userEvent.keyboard("{Control>}d{/Control}");
    expect(kinds(last(told))).toEqual(["button:button", "heading:heading", "heading:heading_2"]);
    await userEvent.keyboard("{Delete}");
    expect(kinds(last(told))).toEqual(["button:button", "heading:heading_2"]);
    await userEvent.click(screen.getByRole("button", { name: "Add a block to the e-mail" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Divider" }));
    expect(kinds(last(told))).toEqual(["button:button", "heading:heading_2", "divider:divider"]);
    await userEvent.click(screen.getByRole("button", { name: "Delete Button 1" }));
    await expect
      .poll(() => calls.filter((call) => call.path === "emails/preview/").at(-1)?.body)
      .toMatchObject({ format: "blocks", body: "", blocks: [{ kind: "heading" }, { kind: "divider" }] });
  });

  it("puts a value in at the cursor", async () => {
    const { told } = open();
    await userEvent.click(screen.getByTestId("edit-email"));
    await userEvent.click(await screen.findByRole("button", { name: "Put a value into Subject" }, SLOW));
    const picker = await screen.findByTestId("variable-picker");
    await userEvent.type(within(picker).getByRole("searchbox"), "plan");
    expect(within(picker).queryByRole("button", { name: /sku/ })).toBeNull();
    await userEvent.click(within(picker).getByRole("button", { name: /customer\.traits\.plan.*pro/ }));
    expect(String(last(told)?.subject)).toContain("{{ customer.traits.plan }}");
  });
});

describe("a list of blocks", () => {
  const columns: Block = {
    id: "columns",
    kind: "columns",
    columns: [{ blocks: [{ id: "text", kind: "text", text: "a" }] }, { blocks: [] }],
  };

  it("gives a copy and everything in it ids of their own", () => {
    const [first, second] = duplicated([columns], 0, [columns]);
    expect(first).toEqual(columns);
    expect(JSON.stringify(second)).not.toMatch(/"id":"(text|columns)"/);
    expect(fresh("text", [columns]).id).not.toBe("text");
  });

  it("moves within its ends, and says what a block is in a few words", () => {
    const two = [columns, fresh("spacer", [columns])];
    expect(moved(two, 0, 1).map(({ kind }) => kind)).toEqual(["spacer", "columns"]);
    expect(moved(two, 0, -3)).toEqual(two);
    expect(said(columns)).toBe("1 and 0 blocks");
    expect(said(two[1] as Block)).toBe("24 px");
  });
});
