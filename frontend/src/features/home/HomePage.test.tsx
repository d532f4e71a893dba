import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Flow } from "@/api/models";
import { flow, show } from "@/test/screen";
import { page, serve } from "@/test/server";
import { HomePage } from "./HomePage";

vi.stubGlobal(
  "WebSocket",
  class {
    close(): void {}
    send(): void {}
  },
);

const home = {
  events_per_minute: 212,
  events_minutes: [1, 2],
  moving: 64,
  waiting: 9,
  held: 1,
  failed_hour: 2,
  at: "",
};
const volume = flow().volume;

function routes(flows: Flow[]) {
  return { "GET flows/": page(flows), "GET home/": home, "GET templates/": page([]), "GET events/": page([]) };
}

beforeEach(() => localStorage.clear());

describe("HomePage", () => {
  it("puts what needs a look first and says the numbers of each flow", async () => {
    serve(
      routes([
        flow({ id: "f1", name: "Quiet draft", state: "draft", published_version: null }),
        flow({ id: "f2", name: "Healthy" }),
        flow({ id: "f3", name: "Failing", volume: { ...volume, failed: 7 }, sentence: "Datayze answers 503" }),
      ]),
    );
    show(<HomePage />);
    await screen.findByText("Failing", { selector: "a" });
    const names = screen
      .getAllByRole("row")
      .slice(1)
      .map((row) => within(row).getAllByRole("link")[0]?.textContent);
    expect(names).toEqual(["Failing", "Healthy", "Quiet draft"]);
    expect(screen.getByText("Datayze answers 503")).toHaveClass("bad");
    expect(await screen.findByText("212")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: /7 ?failed/ })).toHaveAttribute("href", "/runs?flow=f3&status=failed");
  });

  it("narrows by state and by words, and offers the way out when nothing is left", async () => {
    const { calls } = serve({
      ...routes([]),
      "GET flows/": (call: { query: URLSearchParams }) =>
        page(call.query.get("q") ? [] : [flow(), flow({ id: "f2", name: "Other", state: "paused" })]),
    });
    const user = userEvent.setup();
    show(<HomePage />);
    await user.click(await screen.findByRole("button", { name: /Paused 1/ }));
    expect(screen.getAllByRole("row")).toHaveLength(2);
    await user.keyboard("/nothing like it");
    expect(screen.getByRole("searchbox")).toHaveFocus();
    expect(await screen.findByText("No flow matches “nothing like it”")).toBeInTheDocument();
    expect(calls.some((call) => call.query.get("q") === "nothing like it")).toBe(true);
    await user.click(screen.getByRole("button", { name: "Show all flows" }));
    expect(await screen.findByText("Onboarding")).toBeInTheDocument();
  });

  it("asks before it archives, says what is kept, and shows why the server refuses", async () => {
    const { calls } = serve({
      ...routes([flow()]),
      "DELETE flows/f1/": { status: 409, body: { code: "conflict", detail: "Onboarding is live. Stop it first." } },
    });
    const user = userEvent.setup();
    show(<HomePage />);
    await user.click(await screen.findByRole("button", { name: "More for Onboarding" }));
    await user.click(await screen.findByRole("menuitem", { name: "Archive…" }));
    expect(calls.some((call) => call.method === "DELETE")).toBe(false);
    await user.click(await screen.findByRole("button", { name: "Archive it" }));
    expect(await screen.findByText("Onboarding is live. Stop it first.")).toBeInTheDocument();
  });

  it("teaches the first minute when there is no flow, and opens the template as a flow of one's own", async () => {
    const template = { id: "onboarding", name: "Onboarding", description: "", graph: {}, drawing: flow().drawing };
    const { calls } = serve({
      ...routes([]),
      "GET templates/": page([template]),
      "POST flows/": { status: 201, body: { ...flow({ id: "new" }), hooks: [] } },
    });
    const user = userEvent.setup();
    show(<HomePage />, { path: "/" });
    const open = await screen.findByRole("button", { name: "Open it" });
    await waitFor(() => expect(open).toBeEnabled());
    await user.click(open);
    await waitFor(() => expect(screen.getByTestId("place")).toHaveTextContent("/flows/new"));
    expect(calls.find((call) => call.method === "POST")?.body).toEqual({ name: "Onboarding", template: "onboarding" });
  });

  it("shows a viewer no button that their role may not use", async () => {
    serve(routes([flow()]));
    show(<HomePage />, { role: "viewer" });
    await screen.findByText("Onboarding");
    expect(screen.queryByRole("button", { name: /New flow/ })).toBeNull();
    expect(screen.queryByRole("button", { name: /New from template/ })).toBeNull();
  });

  it("says what is wrong when the server does not answer", async () => {
    serve({
      "GET flows/": { status: 503, body: { code: "database_unavailable", detail: "The database does not answer." } },
    });
    show(<HomePage />);
    expect(await screen.findByRole("alert")).toHaveTextContent("The database does not answer.");
  });
});
