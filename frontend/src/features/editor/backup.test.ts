import { beforeEach, describe, expect, it, vi } from "vitest";
import { rename } from "@/graph/operations";
import { CHAIN } from "@/graph/sample.test-data";

/** A page of its own: the module anew, as after opening another tab. */
async function opened() {
  vi.resetModules();
  return import("./backup");
}

const changed = (name: string) => ({ graph: rename(CHAIN, "alert", name).graph, base: CHAIN, revision: 3 });

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

describe("backups", () => {
  it("of one page are not taken away by what another page saves", async () => {
    const one = await opened();
    one.writeBackup("f", changed("Mine"));
    const other = await opened();
    other.clearBackup("f");
    expect(one.readBackup("f")?.graph).toEqual(changed("Mine").graph);
  });

  it("that a page left behind are found by the next one, the newest first, and become its own", async () => {
    vi.useFakeTimers();
    const names = ["Old", "New"];
    for (const name of names) {
      vi.advanceTimersByTime(1000);
      (await opened()).writeBackup("f", changed(name));
    }
    vi.useRealTimers();
    const next = await opened();
    expect(next.readBackup("f")?.graph).toEqual(changed("New").graph);
    next.clearBackup("f");
    expect(next.readBackup("f")?.graph).toEqual(changed("Old").graph);
    next.clearBackup("f");
    expect(next.readBackup("f")).toBeNull();
    expect(localStorage.length).toBe(0);
  });

  it("of other flows, and what is no backup, are left alone", async () => {
    const page = await opened();
    page.writeBackup("f2", changed("Other"));
    localStorage.setItem("flowstudio:draft:f:x", "{");
    expect(page.readBackup("f")).toBeNull();
    expect(page.readBackup("f2")?.revision).toBe(3);
  });
});
