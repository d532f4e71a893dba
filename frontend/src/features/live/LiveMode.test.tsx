import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { FlowDetail, RunDetail, Step } from "@/api/models";
import { CATALOGUE, CHAIN } from "@/graph/sample.test-data";
import { flow as flowRow, run as runRow, show } from "@/test/screen";
import { page, serve } from "@/test/server";
import type { Line } from "./data";
import { LiveMode } from "./LiveMode";

/** The server's end of the live connection. */
class Pipe {
  static now: Pipe;
  readonly sent: { subscribe?: string }[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  constructor() {
    Pipe.now = this;
    setTimeout(() => this.onopen?.());
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.onclose?.(new CloseEvent("close"));
  }
}
vi.stubGlobal("WebSocket", Pipe);

let cursor = 0;
const say = (message: object) =>
  act(() => Pipe.now.onmessage?.({ data: JSON.stringify({ cursor: ++cursor, ...message }) }));
const change = (topic: string, ...changes: object[]) => say({ topic, type: "delta", changes });

async function subscribed(topic: string): Promise<void> {
  await waitFor(() => expect(Pipe.now.sent.some((each) => each.subscribe === topic)).toBe(true));
}

let number = 0;
function flow(over: Partial<FlowDetail> = {}): FlowDetail {
  number += 1;
  return { ...flowRow({ id: `f${number}`, published_version: 2 }), hooks: [], paused_at: null, batch: null, ...over };
}

const graph = {
  ...CHAIN,
  nodes: CHAIN.nodes.map((node) => (node.id === "start" ? { ...node, config: { event: "Signed Up" } } : node)),
};

function line(run: string, over: Partial<Line> = {}): Line {
  return {
    run,
    customer: { id: `c-${run}`, name: `Customer ${run}`, email: `${run}@x.example` },
    node: "pause",
    status: "active",
    state: "waiting",
    sentence: "Pause: waits 2 days",
    at: new Date(Date.now() - 60_000).toISOString(),
    ...over,
  };
}

const step = (node: string, over: Partial<Step>): Step => ({
  id: `s-${node}`,
  node,
  visit: 1,
  seq: 1,
  status: "done",
  entered_at: "2026-11-24T10:00:00Z",
  due_at: null,
  left_at: "2026-11-24T10:00:01Z",
  port: "out",
  reason: "",
  flagged: "",
  reads: {},
  input: null,
  output: null,
  traits: {},
  cost: 0,
  gate: [],
  attempts: [],
  ...over,
});

function detail(flow: FlowDetail, id: string, over: Partial<RunDetail> = {}): RunDetail {
  const { steps: _steps, ...row } = runRow({ id, flow: { id: flow.id, name: flow.name }, status: "failed", state: "" });
  return {
    ...row,
    node: { id: "alert", name: "alert" },
    sentence: "alert: Slack answered 500 three times",
    steps: [
      step("start", { seq: 1, reason: "Signed Up arrived" }),
      step("size", { seq: 2, port: "big", reason: "employees 540 > 100" }),
      step("alert", {
        seq: 3,
        status: "failed",
        port: "",
        reason: "Slack answered 500 three times",
        input: { text: "<b>hi</b>" },
        attempts: [
          {
            number: 1,
            key: "k",
            state: "rejected",
            started_at: "2026-11-24T10:00:00Z",
            ended_at: "2026-11-24T10:00:01Z",
            status: 500,
            error_class: "",
            message: "It said no.",
            sandbox: true,
            cost: 0,
          },
        ],
      }),
    ],
    step_count: 3,
    event: null,
    correlation: "",
    context: { event: null, steps: {} },
    ...over,
  };
}

async function open(
  flow: FlowDetail,
  state: object = {},
  routes: object = {},
  at = `/flows/${flow.id}?mode=live`,
  role: "admin" | "viewer" = "admin",
) {
  const served = serve({
    [`GET flows/${flow.id}/versions/2/`]: { number: 2, graph },
    "GET runs/": page([]),
    ...routes,
  });
  const user = userEvent.setup();
  show(<LiveMode flow={flow} catalogue={CATALOGUE} />, { at, role });
  await subscribed(`flow:${flow.id}`);
  say({
    topic: `flow:${flow.id}`,
    type: "snapshot",
    state: {
      flow: { id: flow.id, name: flow.name, state: "live", version: 2, draft_revision: 1 },
      counts: { run: { entered: 3, active: 2, completed: 1 }, "node:pause": { entered: 2, inside: 2 } },
      stream: {},
      sampled: false,
      ...state,
    },
  });
  return { user, ...served };
}

beforeEach(() => {
  sessionStorage.clear();
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 1200, 800));
});

describe("LiveMode", () => {
  it("draws counts on the published graph and follows each delta", async () => {
    const its = flow();
    await open(its);
    const topic = `flow:${its.id}`;
    expect(await screen.findByTestId("node-pause")).toHaveTextContent("2");
    expect(screen.getByTestId("total-waiting")).toHaveTextContent("2");
    change(
      topic,
      { op: "add", path: ["counts", "node:pause", "inside"], value: 5 },
      { op: "add", path: ["counts", "node:alert", "failed"], value: 1 },
      { op: "add", path: ["counts", "edge:size_big", "count"], value: 1 },
      { op: "add", path: ["counts", "run", "active"], value: 5 },
    );
    expect(screen.getByTestId("node-pause")).toHaveTextContent("7");
    expect(screen.getByTestId("total-waiting")).toHaveTextContent("7");
    expect(screen.getByTestId("node-alert")).toHaveClass("pulse");
    expect(screen.getByTestId("edge-label-size_big")).toHaveTextContent("100%");
    change(topic, { op: "set", path: ["sampled"], value: true });
    expect(screen.getByText(/rows are a sample/)).toBeInTheDocument();
  });

  it("keeps rows still while the pointer is on them, and says how many are new", async () => {
    const its = flow();
    const { user } = await open(its, { stream: { a: line("a") } });
    const row = await screen.findByTestId("run-row-a");
    expect(row).toHaveTextContent("Waiting: Customer a a@x.example");
    await user.hover(row);
    change(`flow:${its.id}`, { op: "set", path: ["stream", "b"], value: line("b", { at: new Date().toISOString() }) });
    const fresh = await screen.findByRole("button", { name: "1 new" });
    expect(screen.queryByTestId("run-row-b")).toBeNull();
    await user.click(fresh);
    expect(screen.getAllByTestId(/^run-row-/).map((each) => each.dataset.testid)).toEqual(["run-row-b", "run-row-a"]);
    await user.unhover(screen.getByRole("list", { name: /newest first/ }));
    change(`flow:${its.id}`, { op: "set", path: ["stream", "c"], value: line("c", { at: new Date().toISOString() }) });
    expect(await screen.findByTestId("run-row-c")).toBeInTheDocument();
  });

  it("narrows the stream to what failed and to one card, with what the server knows from before", async () => {
    const its = flow();
    const old = runRow({ id: "old", status: "failed", state: "", node: { id: "alert", name: "alert" } });
    const { user, calls } = await open(its, { stream: { a: line("a") } }, { "GET runs/": page([old]) });
    await user.click(await screen.findByTestId("filter-failed"));
    expect(await screen.findByTestId("run-row-old")).toBeInTheDocument();
    expect(screen.queryByTestId("run-row-a")).toBeNull();
    const asked = calls.find((call) => call.path === "runs/")?.query;
    expect([asked?.get("flow"), asked?.get("status")]).toEqual([its.id, "failed"]);
    fireEvent.click(screen.getByTestId("node-pause"));
    expect(await screen.findByTestId("filter-node")).toHaveTextContent("At pause");
    expect(screen.getByText(/Nobody is at pause/)).toBeInTheDocument();
    await user.keyboard("{Escape}");
    expect(screen.getByTestId("run-row-a")).toBeInTheDocument();
  });

  it("opens a run from its row: its way on the canvas, its steps at the side, Escape back to counts", async () => {
    const its = flow();
    const { user } = await open(
      its,
      { stream: { r1: line("r1", { status: "failed" }) } },
      { "GET runs/r1/": detail(its, "r1") },
    );
    await user.click(await screen.findByTestId("run-row-r1"));
    expect(screen.getByTestId("place")).toHaveTextContent("mode=live&run=r1");
    const panel = await screen.findByTestId("run-panel");
    await waitFor(() => expect(screen.getByTestId("edge-size_big")).toHaveClass("taken"));
    expect(screen.getByTestId("edge-label-size_big")).toHaveTextContent("employees 540 > 100");
    expect(screen.getByTestId("edge-size_else")).toHaveClass("faded");
    expect(screen.getByTestId("node-pause")).toHaveClass("faded");
    expect(screen.getByTestId("node-alert")).toHaveClass("failed");

    const failed = within(panel).getByTestId("run-step-alert");
    await user.click(within(failed).getByRole("button", { expanded: false }));
    expect(failed).toHaveTextContent("Try 1: 500");
    expect(failed).toHaveTextContent("Sandbox");
    expect(within(failed).getByText('"<b>hi</b>"')).toBeInTheDocument();
    // A card opens its step; a card the run has not been at says so.
    fireEvent.click(screen.getByTestId("node-size"));
    expect(await within(panel).findByRole("button", { name: /^size/, expanded: true })).toBeInTheDocument();
    fireEvent.click(screen.getByTestId("node-pause"));
    expect(await within(panel).findByText(/has not been at pause/)).toBeInTheDocument();

    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.getByTestId("place")).not.toHaveTextContent("run="));
    expect(await screen.findByTestId("live-stream")).toBeInTheDocument();
    await waitFor(() => expect(screen.getByTestId("node-pause")).not.toHaveClass("faded"));
  });

  it("follows a run while it happens", async () => {
    const its = flow();
    const active = detail(its, "r2", { status: "active", state: "running", steps: [step("start", {})], step_count: 1 });
    await open(its, {}, { "GET runs/r2/": active }, `/flows/${its.id}?mode=live&run=r2`);
    await subscribed("run:r2");
    await screen.findByTestId("run-step-start");
    const { steps: _steps, step_count: _count, event: _event, context: _context, correlation: _c, ...row } = active;
    const first = step("start", {});
    say({ topic: "run:r2", type: "snapshot", state: { run: { ...row, steps: 1 }, steps: { [first.id]: first } } });
    const wait = step("pause", { seq: 2, status: "waiting", left_at: null, port: "", due_at: "2099-01-01T00:00:00Z" });
    change(
      "run:r2",
      { op: "set", path: ["steps", wait.id], value: wait },
      { op: "set", path: ["run", "state"], value: "waiting" },
    );
    expect(await screen.findByTestId("run-step-pause")).toHaveAttribute("data-status", "waiting");
    await waitFor(() => expect(screen.getByTestId("node-pause")).toHaveClass("waiting"));
    expect(screen.getByTestId("run-status")).toHaveTextContent("Waiting");
  });

  it("cancels only after asking on the spot, and says in the server's words what did not work", async () => {
    const its = flow();
    const active = detail(its, "r3", { status: "active", state: "waiting" });
    const { user, calls } = await open(
      its,
      {},
      {
        "GET runs/r3/": active,
        "POST runs/r3/cancel/": { status: 409, body: { code: "stale", detail: "The run is over already." } },
      },
      `/flows/${its.id}?mode=live&run=r3`,
    );
    await user.click(await screen.findByTestId("run-cancel"));
    expect(calls.some((call) => call.path.endsWith("/cancel/"))).toBe(false);
    await user.click(screen.getByRole("button", { name: "Leave it" }));
    await user.click(screen.getByTestId("run-cancel"));
    await user.click(screen.getByTestId("run-cancel-confirm"));
    expect(await screen.findByTestId("run-wrong")).toHaveTextContent("The run is over already.");
    expect(screen.queryByTestId("run-retry")).toBeNull();
  });

  it("retries a failed run and goes on with it", async () => {
    const its = flow();
    const routes = {
      "GET runs/r4/": detail(its, "r4"),
      "GET runs/r4b/": detail(its, "r4b", { status: "active", retry_of: "r4" }),
      "POST runs/r4/retry/": detail(its, "r4b"),
    };
    const { user, calls } = await open(its, {}, routes, `/flows/${its.id}?mode=live&run=r4`);
    await user.click(await screen.findByTestId("run-retry"));
    await waitFor(() => expect(calls.some((call) => call.path === "runs/r4/retry/")).toBe(true));
    // A failed run stays as it is: the one that goes on is another, and each leads to the other.
    await waitFor(() => expect(screen.getByTestId("place")).toHaveTextContent("run=r4b"));
    await waitFor(() => expect(screen.getByTestId("run-kin")).toHaveTextContent("See the run that failed"));
    expect(screen.getByTestId("run-customer")).toHaveAttribute("href", "/customers/c1");
  });

  it("lets a viewer look and nothing else", async () => {
    const its = flow();
    await open(its, {}, { "GET runs/r5/": detail(its, "r5") }, `/flows/${its.id}?mode=live&run=r5`, "viewer");
    await screen.findByTestId("run-step-alert");
    expect(screen.queryByTestId("run-retry")).toBeNull();
    expect(screen.queryByTestId("run-cancel")).toBeNull();
  });

  it("says so when the connection is lost, and keeps the last numbers", async () => {
    await open(flow());
    expect(await screen.findByText("Live", { selector: ".chip" })).toBeInTheDocument();
    act(() => Pipe.now.close());
    expect(screen.getByText("Not live", { selector: ".chip" })).toBeInTheDocument();
    expect(screen.getByTestId("live-strip")).toHaveClass("stale");
    expect(screen.getByTestId("total-entered")).toHaveTextContent("3");
  });

  it("teaches how to send the first event, with this page's host and the trigger's event", async () => {
    await open(flow(), { counts: {}, stream: {} });
    const empty = await screen.findByTestId("live-empty");
    expect(empty).toHaveTextContent("Each “Signed Up” starts a run");
    expect(empty).toHaveTextContent(`curl ${window.location.origin}/v1/batch`);
    expect(empty).toHaveTextContent('"event": "Signed Up"');
  });

  it("says what is wrong with an address that names no run", async () => {
    const its = flow();
    await open(
      its,
      {},
      { "GET runs/nope/": { status: 404, body: { code: "not_found", detail: "Not here." } } },
      `/flows/${its.id}?mode=live&run=nope`,
    );
    expect(await screen.findByText("There is no such run")).toBeInTheDocument();
  });
});
