import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { flow, show } from "@/test/screen";
import { type Call, page, serve } from "@/test/server";
import { HomePage } from "./HomePage";
import { invent } from "./people";

vi.stubGlobal(
  "WebSocket",
  class {
    close(): void {}
    send(): void {}
  },
);

const home = { events_per_minute: 0, events_minutes: [0], moving: 0, waiting: 0, held: 0, failed_hour: 0, at: "" };
const panel = () => screen.findByRole("complementary", { name: "The first minute" });
type Batch = {
  batch: [{ userId: string; traits: { name: string; email: string } }, { userId: string; event: string }];
};

/** A server that knows the keys it made and the events it was sent. */
function fresh({
  outcome = [{ flow: "f1", flow_name: "Onboarding", run: "r1" }] as object[],
  events = [] as object[],
} = {}) {
  const keys = new Set<string>();
  const server = serve({
    "GET flows/": page([flow({ volume: { day: 0, inside: 0, failed: 0, hours: [] } })]),
    "GET home/": home,
    "GET events/": () => page(events),
    "POST api-keys/": () => {
      const key = `fs_in_${keys.size}`;
      keys.add(key);
      return { status: 201, body: { id: key, key } };
    },
    "POST /v1/batch": ({ headers, body }: Call) => {
      const key = atob(headers.get("Authorization")?.replace("Basic ", "") ?? "").replace(":", "");
      if (!keys.has(key)) return { status: 401, body: { code: "unknown_key", message: "This key is unknown." } };
      const [{ userId }, { event }] = (body as Batch).batch;
      events.unshift({ id: userId, user_id: userId, name: event, status: "done", problem: "", outcome });
      return { success: true };
    },
  });
  const sent = () => server.calls.filter((call) => call.path === "/v1/batch").map((call) => call.body as Batch);
  return { ...server, keys, sent };
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

describe("the first minute", () => {
  it("lets somebody sign up with a key of its own, and leads to their run", async () => {
    const { calls, keys, sent } = fresh();
    const user = userEvent.setup();
    show(<HomePage />);
    expect(await panel()).toHaveTextContent("Onboarding is live");
    await user.click(screen.getByRole("button", { name: "Send a sign-up now" }));
    const link = await screen.findByRole("link", { name: "Watch them in Onboarding" });
    expect(link).toHaveAttribute("href", "/flows/f1?mode=live&run=r1");
    const [identify, track] = sent()[0]?.batch ?? [];
    expect(identify?.traits.email).toMatch(/^[a-z.]+@[a-z]+-[a-z]+\.example$/);
    expect(track).toMatchObject({ userId: identify?.userId, event: "Signed Up" });
    expect(await panel()).toHaveTextContent(new RegExp(`${identify?.traits.name} of \\w+ \\w+ signed up\\.`));
    // The panel stays although an event has arrived, and the next person goes with the same key.
    await user.click(screen.getByRole("button", { name: "Send another" }));
    await waitFor(() => expect(sent()).toHaveLength(2));
    await waitFor(() => expect(screen.getByRole("button", { name: "Send another" })).toBeEnabled());
    expect(sent()[1]?.batch[0].userId).not.toBe(identify?.userId);
    expect(calls.filter((call) => call.path === "api-keys/")).toHaveLength(1);
    expect(keys.size).toBe(1);
  });

  it("makes a new key when the first was revoked meanwhile", async () => {
    const { keys, sent } = fresh();
    const user = userEvent.setup();
    show(<HomePage />);
    await user.click(await screen.findByRole("button", { name: "Make a write key" }));
    await screen.findByText("fs_in_0", { selector: ".field *" });
    keys.delete("fs_in_0");
    keys.add("another");
    await user.click(screen.getByRole("button", { name: "Send a sign-up now" }));
    expect(await screen.findByText(/signed up\./)).toBeInTheDocument();
    expect(sent()).toHaveLength(2);
    expect(sent()[0]).toEqual(sent()[1]);
  });

  it("says when no flow took them, and why one refused", async () => {
    const outcome: object[] = [];
    fresh({ outcome });
    const user = userEvent.setup();
    show(<HomePage />);
    await user.click(await screen.findByRole("button", { name: "Send a sign-up now" }));
    expect(await screen.findByText(/No live flow begins with “Signed Up”/)).toBeInTheDocument();
    outcome.push({ flow: "f1", flow_name: "Onboarding", refused: "entry is closed" });
    await user.click(screen.getByRole("button", { name: "Send another" }));
    expect(await screen.findByText("Onboarding did not let them in: entry is closed")).toBeInTheDocument();
  });

  it("says why a sign-up could not be sent", async () => {
    serve({
      "GET flows/": page([flow()]),
      "GET home/": home,
      "GET events/": page([]),
      "POST api-keys/": { status: 201, body: { id: "k", key: "fs_in_0" } },
      "POST /v1/batch": { status: 429, body: { code: "overloaded", message: "Too many events wait. Send it later." } },
    });
    const user = userEvent.setup();
    show(<HomePage />);
    await user.click(await screen.findByRole("button", { name: "Send a sign-up now" }));
    expect(await screen.findByText("Too many events wait. Send it later.")).toBeInTheDocument();
  });

  it("is not there once events have arrived, and stays away when it was hidden", async () => {
    fresh({ events: [{ id: "e" }] });
    const first = show(<HomePage />);
    await screen.findByText("Onboarding");
    await new Promise((done) => setTimeout(done, 50));
    expect(screen.queryByRole("complementary")).toBeNull();
    first.unmount();
    fresh();
    const user = userEvent.setup();
    const second = show(<HomePage />);
    await panel();
    await user.click(screen.getByRole("button", { name: "Hide it" }));
    expect(screen.queryByRole("complementary")).toBeNull();
    second.unmount();
    const { calls } = fresh();
    show(<HomePage />);
    await screen.findByText("Onboarding");
    expect(screen.queryByRole("complementary")).toBeNull();
    expect(calls.some((call) => call.path === "events/")).toBe(false);
  });

  it("offers nobody what their role may not do", async () => {
    fresh();
    show(<HomePage />, { role: "viewer" });
    expect(await panel()).toHaveTextContent("Ask an admin for a write key.");
    expect(screen.queryByRole("button", { name: /sign-up|write key/ })).toBeNull();
    expect(screen.getByRole("link", { name: "Open it live" })).toHaveAttribute("href", "/flows/f1?mode=live");
  });
});

describe("an invented person", () => {
  it("is somebody new each time, at a company of the sandbox", () => {
    const people = Array.from({ length: 200 }, () => invent());
    expect(new Set(people.map((person) => person.id)).size).toBe(people.length);
    expect(new Set(people.map((person) => person.email)).size).toBeGreaterThan(190);
    for (const { email, company } of people) {
      expect(email.split("@")[1]).toBe(`${company.toLowerCase().replace(" ", "-")}.example`);
    }
  });
});
