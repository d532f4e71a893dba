import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveClient } from "./client";
import { useLiveStatus, useTopic } from "./useTopic";

class Pipe {
  static made: Pipe[] = [];
  readonly sent: unknown[] = [];
  readonly readyState = 1;
  onopen: ((event: Event) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onmessage: ((event: MessageEvent<string>) => void) | null = null;
  constructor() {
    Pipe.made.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.onclose?.(new CloseEvent("close"));
  }
  open(): void {
    this.onopen?.(new Event("open"));
  }
  say(message: unknown): void {
    this.onmessage?.(
      new MessageEvent("message", { data: typeof message === "string" ? message : JSON.stringify(message) }),
    );
  }
}

const at = (index: number): Pipe => {
  const pipe = Pipe.made[index];
  if (!pipe) throw new Error(`no connection ${index}`);
  return pipe;
};

function client(): LiveClient {
  return new LiveClient({ open: () => new Pipe(), chance: () => 1 });
}

const count = (n: number, cursor: number) => ({
  topic: "flow:1",
  type: "delta",
  cursor,
  changes: [{ op: "add", path: ["n"], value: n }],
});

beforeEach(() => {
  Pipe.made = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe("LiveClient", () => {
  it("applies deltas to the snapshot in order, once each", () => {
    const live = client();
    live.listen("flow:1", () => undefined);
    at(0).open();
    expect(at(0).sent).toEqual([{ subscribe: "flow:1" }]);
    at(0).say(count(5, 6));
    expect(live.read("flow:1").state).toBeUndefined();
    at(0).say({ topic: "flow:1", type: "snapshot", cursor: 7, state: { n: 10 } });
    at(0).say(count(1, 8));
    at(0).say(count(1, 8));
    at(0).say("not json");
    at(0).say(count(2, 9));
    expect(live.read("flow:1")).toEqual({ state: { n: 13 }, cursor: 9, refusal: "" });
  });

  it("comes back with its cursor, waits longer each time, and takes a new snapshot as it stands", () => {
    const live = client();
    live.listen("flow:1", () => undefined);
    at(0).open();
    at(0).say({ topic: "flow:1", type: "snapshot", cursor: 7, state: { n: 10 } });
    at(0).close();
    expect(live.status).toBe("lost");
    vi.advanceTimersByTime(399);
    expect(Pipe.made).toHaveLength(1);
    vi.advanceTimersByTime(1);
    at(1).close();
    vi.advanceTimersByTime(799);
    expect(Pipe.made).toHaveLength(2);
    vi.advanceTimersByTime(1);
    at(2).open();
    expect(live.status).toBe("live");
    expect(at(2).sent).toEqual([{ subscribe: "flow:1", after: 7 }]);
    at(2).say(count(4, 8));
    expect(live.read("flow:1").state).toEqual({ n: 14 });
    at(2).say({ topic: "flow:1", type: "snapshot", cursor: 20, state: { n: 99 } });
    expect(live.read("flow:1").state).toEqual({ n: 99 });
  });

  it("tells who is present, again after a break, and forgets the others while it is lost", () => {
    const live = client();
    let calls = 0;
    live.listen("flow:1", () => calls++);
    at(0).open();
    live.present("flow:1", ["a"]);
    expect(at(0).sent.at(-1)).toEqual({ present: "flow:1", chosen: ["a"] });
    const ada = { id: "p", name: "ada@x.example", you: false, chosen: ["b"] };
    at(0).say({ topic: "flow:1", type: "people", people: [ada] });
    expect(live.people("flow:1")).toEqual([ada]);
    expect(live.people("flow:1")).toBe(live.people("flow:1"));
    at(0).close();
    expect(live.people("flow:1")).toEqual([]);
    vi.advanceTimersByTime(400);
    at(1).open();
    expect(at(1).sent).toEqual([{ subscribe: "flow:1" }, { present: "flow:1", chosen: ["a"] }]);
    live.present("flow:1", null);
    live.present("flow:1", null);
    expect(at(1).sent.at(-1)).toEqual({ present: "flow:1", chosen: null });
    expect(at(1).sent).toHaveLength(3);
    expect(calls).toBe(2);
  });

  it("ignores a connection it has given up, and closes when nobody listens any more", () => {
    const live = client();
    const stop = live.listen("flow:1", () => undefined);
    at(0).open();
    stop();
    vi.advanceTimersByTime(2_999);
    const again = live.listen("flow:1", () => undefined);
    vi.advanceTimersByTime(5_000);
    expect(Pipe.made).toHaveLength(1);
    again();
    vi.advanceTimersByTime(3_000);
    expect(at(0).sent.at(-1)).toEqual({ unsubscribe: "flow:1" });
    vi.advanceTimersByTime(60_000);
    expect(Pipe.made).toHaveLength(1);
  });

  it("says why a topic is refused", () => {
    const live = client();
    live.listen("run:9", () => undefined);
    at(0).open();
    at(0).say({ topic: "run:9", type: "error", message: "There is no such run." });
    expect(live.read("run:9").refusal).toBe("There is no such run.");
  });
});

describe("useTopic", () => {
  it("renders again only when the selected part changes", () => {
    const live = client();
    let renders = 0;
    const pick = (state: { a: number; b: number }) => ({ a: state.a });
    const { result } = renderHook(() => {
      renders += 1;
      return useTopic("flow:1", pick, live);
    });
    act(() => at(0).open());
    act(() => at(0).say({ topic: "flow:1", type: "snapshot", cursor: 1, state: { a: 1, b: 1 } }));
    expect(result.current).toEqual({ a: 1 });
    const before = renders;
    act(() =>
      at(0).say({ topic: "flow:1", type: "delta", cursor: 2, changes: [{ op: "add", path: ["b"], value: 1 }] }),
    );
    expect(renders).toBe(before);
    act(() =>
      at(0).say({ topic: "flow:1", type: "delta", cursor: 3, changes: [{ op: "add", path: ["a"], value: 1 }] }),
    );
    expect(result.current).toEqual({ a: 2 });
  });

  it("tells when the connection is lost", () => {
    const live = client();
    live.listen("x", () => undefined);
    const { result } = renderHook(() => useLiveStatus(live));
    act(() => at(0).open());
    expect(result.current.status).toBe("live");
    act(() => at(0).close());
    expect(result.current.status).toBe("lost");
    expect(result.current.lostAt).not.toBeNull();
  });
});
