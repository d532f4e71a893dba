import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { Schema } from "@/graph/catalogue";
import { page, serve } from "@/test/server";
import { last, prepare, show } from "../forms/harness.test-data";
import { previewAs } from "../forms/previewAs";

const SCHEMA: Schema = {
  type: "object",
  required: ["subject", "body"],
  properties: {
    subject: { type: "string", title: "Subject", "x-widget": "liquid", description: "One line." },
    preheader: { type: "string", title: "Preheader", default: "", "x-widget": "liquid" },
    body: { type: "string", title: "Body", "x-widget": "liquid-html" },
    format: { type: "string", title: "Written in", enum: ["markdown", "html"], default: "markdown" },
  },
};

// The editor is a chunk of its own, which a busy machine takes its time to load.
const SLOW = { timeout: 15_000 };

const LETTER = {
  subject: "Hello Ada",
  preheader: "",
  html: "<!doctype html><html><body><h1>Hi</h1></body></html>",
  text: "Hi\n",
  size: 2_048,
  clipped: false,
  customer: { id: "1".repeat(26), name: "Ada", email: "ada@a.example" },
};

function open(letter: object = LETTER) {
  const { calls } = serve({
    "GET variables/": { variables: [], events: [] },
    "POST expressions/check/": { ok: true, message: "", position: null },
    "POST emails/preview/": letter,
    "POST emails/test/": { to: "me@a.example", outbox: true },
    "GET customers/": page([{ id: "2".repeat(26), name: "Grace", email: "grace@a.example" }]),
  });
  const told = show(
    SCHEMA,
    { subject: "Hello {{ customer.traits.name }}", body: "# Hi", format: "markdown" },
    { type: "email.send" },
  );
  return { calls, told };
}

beforeEach(() => {
  prepare();
  previewAs(null);
  // jsdom measures no text, which the code editor asks for.
  Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
});

describe("e-mail editor", () => {
  it("opens over the panel and shows the letter as a customer gets it, in a frame without scripts", async () => {
    const { calls } = open();
    await userEvent.click(screen.getByTestId("edit-email"));
    const frame = await screen.findByTestId("letter-frame", undefined, SLOW);
    expect(frame).toHaveAttribute("sandbox", "");
    expect(frame).toHaveAttribute("srcdoc", LETTER.html);
    expect(screen.getByTestId("letter-subject")).toHaveTextContent("Hello Ada");
    expect(screen.getByTestId("letter-size")).toHaveTextContent("2 kB of 102 kB");
    expect(calls.find((call) => call.path === "emails/preview/")?.body).toEqual({
      subject: "Hello {{ customer.traits.name }}",
      preheader: "",
      body: "# Hi",
      format: "markdown",
      transactional: false,
      flow: "f",
      customer: "",
    });
    await userEvent.click(screen.getByRole("radio", { name: "Dark" }));
    expect(screen.getByTestId("letter-frame").getAttribute("srcdoc")).toContain("color-scheme:dark");
    await userEvent.click(screen.getByRole("radio", { name: "Text" }));
    expect(screen.queryByTestId("letter-frame")).toBeNull();
  });

  it("changes how the body is written, and previews for the customer that is picked", async () => {
    const { calls, told } = open();
    await userEvent.click(screen.getByTestId("edit-email"));
    await screen.findByTestId("letter-frame", undefined, SLOW);
    await userEvent.click(screen.getByRole("radio", { name: "HTML" }));
    expect(last(told)).toMatchObject({ format: "html", body: "# Hi" });
    const picker = within(screen.getByTestId("preview-as")).getByRole("combobox");
    await userEvent.click(picker);
    await userEvent.click(await screen.findByRole("option", { name: "Grace" }));
    await screen.findByDisplayValue("Grace");
    await expect
      .poll(() => calls.filter((call) => call.path === "emails/preview/").at(-1)?.body)
      .toMatchObject({ customer: "2".repeat(26), format: "html" });
  });

  it("sends a test to who is signed in, and says where it went", async () => {
    const { calls } = open();
    await userEvent.click(screen.getByTestId("edit-email"));
    await userEvent.click(await screen.findByTestId("send-test", undefined, SLOW));
    expect(
      await screen.findByText("Kept in the outbox for me@a.example: there is no mail server."),
    ).toBeInTheDocument();
    expect(calls.find((call) => call.path === "emails/test/")?.body).toMatchObject({ body: "# Hi", flow: "f" });
  });

  it("warns of a letter that mailboxes cut off", async () => {
    open({ ...LETTER, size: 120_000, clipped: true });
    await userEvent.click(screen.getByTestId("edit-email"));
    expect(await screen.findByText(/117 kB: Gmail cuts letters off at 102 kB/, undefined, SLOW)).toBeInTheDocument();
  });
});
