import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { RunDetail, Step } from "@/api/models";
import { run, show } from "@/test/screen";
import { page, serve } from "@/test/server";
import { reachable } from "./BulkBar";
import { RunsPage } from "./RunsPage";

vi.stubGlobal(
  "WebSocket",
  class {
    close(): void {}
    send(): void {}
  },
);

const step: Step = {
  id: "s1",
  node: "enrich",
  visit: 1,
  seq: 1,
  status: "failed",
  entered_at: "2026-11-23T10:00:00Z",
  due_at: null,
  left_at: "2026-11-23T10:00:15Z",
  port: "",
  reason: "Datayze answered 503 twice",
  flagged: "",
  reads: {},
  input: { domain: "<b>tandrel.example</b>" },
  output: null,
  traits: {},
  cost: 0.05,
  gate: [],
  attempts: [
    {
      number: 1,
      key: "k",
      state: "rejected",
      started_at: "2026-11-23T10:00:00Z",
      ended_at: "2026-11-23T10:00:01Z",
      status: 503,
      error_class: "",
      message: "asked to wait 4 s",
      sandbox: true,
      cost: 0.05,
    },
  ],
};
const failed = run({
  id: "r2",
  status: "failed",
  state: "",
  sentence: "Technographics: Datayze answered 503 twice",
  node: { id: "enrich", name: "Technographics" },
});
const detail: RunDetail = {
  ...failed,
  steps: [step],
  step_count: 1,
  event: null,
  correlation: "",
  context: { event: null, steps: {} },
};
const version = {
  graph: { schema: 1, nodes: [{ id: "enrich", type: "datayze.technographics", name: "Technographics" }], edges: [] },
};
const looks = { "GET flows/": page([]), "GET flows/f1/versions/2/": version, "GET node-types/": page([]) };

describe("RunsPage", () => {
  it("asks the server by what the address says and names the run's state in words", async () => {
    const { calls } = serve({ ...looks, "GET runs/": page([failed, run()]) });
    show(<RunsPage />, { at: "/runs?status=failed&flow=f1" });
    expect(await screen.findByText("Datayze answered 503 twice")).toBeInTheDocument();
    const query = calls.find((call) => call.path === "runs/")?.query;
    expect([query?.get("status"), query?.get("flow"), query?.get("customer")]).toEqual(["failed", "f1", null]);
    expect(screen.getByRole("tab", { name: "Failed" })).toHaveAttribute("aria-selected", "true");
  });

  it("opens a run at the side with its attempts, its input as text, and a retry", async () => {
    const { calls } = serve({
      ...looks,
      "GET runs/": page([failed]),
      "GET runs/r2/": detail,
      "POST runs/r2/retry/": detail,
    });
    const user = userEvent.setup();
    show(<RunsPage />, { at: "/runs" });
    await user.click(await screen.findByText("Tandrel"));
    expect(screen.getByTestId("place")).toHaveTextContent("run=r2");
    const panel = await screen.findByRole("complementary", { name: "Run" });
    await user.click(await within(panel).findByRole("button", { name: /Technographics/, expanded: false }));
    expect(within(panel).getByText(/Try 1: 503/)).toBeInTheDocument();
    expect(within(panel).getByText("Sandbox")).toBeInTheDocument();
    expect(within(panel).getByText('"<b>tandrel.example</b>"')).toBeInTheDocument();
    await user.click(within(panel).getByRole("button", { name: "Retry" }));
    await waitFor(() => expect(calls.some((call) => call.path === "runs/r2/retry/")).toBe(true));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.getByTestId("place")).not.toHaveTextContent("run="));
  });

  it("mends many at once, only those that it can, and says what did not work", async () => {
    const { calls } = serve({
      ...looks,
      "GET runs/": page([failed, run(), run({ id: "r3", status: "completed", state: "" })]),
      "POST runs/r1/cancel/": { status: 409, body: { code: "stale", detail: "The run is over already." } },
    });
    const user = userEvent.setup();
    show(<RunsPage />, { at: "/runs" });
    await user.click(await screen.findByRole("checkbox", { name: "Select all that are shown" }));
    const bar = screen.getByRole("toolbar", { name: "3 selected" });
    expect(within(bar).getByRole("button", { name: /Retry 1/ })).toBeEnabled();
    await user.click(within(bar).getByRole("button", { name: "Cancel 1" }));
    await user.click(await screen.findByRole("button", { name: "Cancel 1 run" }));
    await waitFor(() =>
      expect(calls.filter((call) => call.method === "POST").map((call) => call.path)).toEqual(["runs/r1/cancel/"]),
    );
  });

  it("knows which runs a retry and a cancel are for", () => {
    const all = [
      failed,
      run(),
      run({ id: "b", state: "blocked" }),
      run({ id: "d", status: "completed" }),
      run({ id: "p", status: "paused" }),
    ];
    expect(reachable(all).retry.map((each) => each.id)).toEqual(["r2", "b"]);
    expect(reachable(all).cancel.map((each) => each.id)).toEqual(["r1", "b", "p"]);
  });
});
