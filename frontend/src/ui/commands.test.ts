import { describe, expect, it } from "vitest";
import { nearness, type Offered, ranked } from "./commands";

const one = (name: string, also = "", group = "Things"): Offered => ({ id: name, name, group, also, run: () => {} });
const all = [
  one("Add Slack message", "slack.message posts to a room"),
  one("Add E-mail", "email.send writes to the customer"),
  one("Go to Settings"),
  one("Tidy up"),
  one("Undo"),
];
const names = (typed: string, used: string[] = []) => ranked(all, typed, used).map(({ name }) => name);

describe("finding a command", () => {
  it("takes words in any order, and letters left out within one word", () => {
    expect(names("message add")).toEqual(["Add Slack message"]);
    expect(names("tdy")).toEqual(["Tidy up"]);
    expect(names("stngs")).toEqual(["Go to Settings"]);
    expect(names("nothing like it")).toEqual([]);
  });

  it("prefers what begins so, then what a word begins with, then what it is also called", () => {
    expect(nearness("tidy", "Tidy up")).toBeLessThan(nearness("up", "Tidy up") ?? 0);
    expect(nearness("up", "Tidy up")).toBeLessThan(nearness("room", "Add Slack message", "posts to a room") ?? 0);
    expect(names("room")).toEqual(["Add Slack message"]);
  });

  it("shows with nothing typed what was used last, then the rest as it is offered", () => {
    expect(names("", ["Undo", "Go to Settings"]).slice(0, 3)).toEqual(["Undo", "Go to Settings", "Add Slack message"]);
  });
});
