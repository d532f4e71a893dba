import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import type { ApiKey, NewApiKey } from "@/api/models";
import { show } from "@/test/screen";
import { page, serve } from "@/test/server";
import { Keys } from "./Keys";

const key: ApiKey = {
  id: "k1",
  name: "App server",
  role: "ingest",
  prefix: "fs_in_…Lk4t",
  last4: "Lk4t",
  created_at: "2026-11-20T10:00:00Z",
  created_by: null,
  used_at: null,
  revoked_at: null,
};

function Held() {
  const [made, setMade] = useState<NewApiKey | null>(null);
  return <Keys made={made} setMade={setMade} />;
}

describe("API keys", () => {
  it("shows a new key once, and asks before it goes", async () => {
    const { calls } = serve({
      "GET api-keys/": page([key]),
      "POST api-keys/": { status: 201, body: { ...key, key: "fs_in_SECRET" } },
    });
    const user = userEvent.setup();
    show(<Held />);
    await user.click(await screen.findByRole("button", { name: "New key" }));
    await user.type(await screen.findByLabelText("Name"), "App server");
    await user.click(screen.getByRole("button", { name: "Make the key" }));
    expect(await screen.findByText("fs_in_SECRET")).toBeInTheDocument();
    expect(calls.find((call) => call.method === "POST")?.body).toEqual({ name: "App server", role: "ingest" });

    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.getByText("fs_in_SECRET")).toBeInTheDocument();
    await user.click(await screen.findByRole("button", { name: "I have it" }));
    await waitFor(() => expect(screen.queryByText("fs_in_SECRET")).toBeNull());
  });

  it("revokes only after it is confirmed", async () => {
    const { calls } = serve({
      "GET api-keys/": page([key]),
      "POST api-keys/k1/revoke/": { ...key, revoked_at: "2026-11-24T00:00:00Z" },
    });
    const user = userEvent.setup();
    show(<Held />);
    await user.click(await screen.findByRole("button", { name: "Revoke" }));
    expect(calls.some((call) => call.method === "POST")).toBe(false);
    await user.click(await screen.findByRole("button", { name: "Revoke it" }));
    await waitFor(() => expect(calls.some((call) => call.path === "api-keys/k1/revoke/")).toBe(true));
  });

  it("never asks for keys in the name of somebody who may not see them", async () => {
    const { calls } = serve({});
    show(<Held />, { role: "editor" });
    expect(screen.getByText("An admin can see and make keys.")).toBeInTheDocument();
    expect(calls).toEqual([]);
  });
});
