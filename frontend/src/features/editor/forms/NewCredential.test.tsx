import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { Role } from "@/api/models";
import type { Schema } from "@/graph/catalogue";
import { page, serve } from "@/test/server";
import { last, prepare, show } from "./harness.test-data";

const SCHEMA: Schema = {
  type: "object",
  properties: { credential: { type: "string", title: "Credential", "x-widget": "credential" } },
};
const SLACK = {
  id: "slack",
  name: "Slack",
  letter: "S",
  mode: "sandbox",
  credentials: [],
  actions: [],
  credential_schema: {
    type: "object",
    required: ["token"],
    properties: { token: { type: "string", title: "Bot token", "x-widget": "password" } },
  },
};
const SLOW = { timeout: 15_000 };

function open(role: Role) {
  const made = { id: "c".repeat(26), connector: "slack", name: "Slack key", hint: "" };
  let there = false;
  const { calls } = serve({
    "GET credentials/": () => page(there ? [made] : []),
    "GET connectors/": page([SLACK]),
    "POST credentials/": () => {
      there = true;
      return { status: 201, body: made };
    },
  });
  return { calls, told: show(SCHEMA, {}, { type: "slack.message", role }) };
}

beforeEach(prepare);

describe("a credential in a step's form", () => {
  it("is entered in place by an admin, and the step uses it", async () => {
    const { calls, told } = open("admin");
    await userEvent.click(await screen.findByTestId("new-credential-open"));
    const dialog = await screen.findByRole("dialog", { name: "Slack: a new credential" }, SLOW);
    await userEvent.type(within(dialog).getByLabelText("Bot token"), "xoxb-secret-1");
    await userEvent.click(within(dialog).getByRole("button", { name: /^Save/ }));
    await expect.poll(() => last(told)).toEqual({ credential: "c".repeat(26) });
    expect(calls.find((call) => call.method === "POST")?.body).toEqual({
      connector: "slack",
      name: "Slack key",
      secret: { token: "xoxb-secret-1" },
    });
    expect(JSON.stringify(told.mock.calls)).not.toContain("xoxb");
    await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
  });

  it("is not offered to who is no admin", async () => {
    open("editor");
    expect(await screen.findByText("An admin of the workspace enters credentials.")).toBeInTheDocument();
    expect(screen.queryByTestId("new-credential-open")).toBeNull();
  });
});
