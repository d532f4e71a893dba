import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { show } from "@/test/screen";
import { page, serve } from "@/test/server";
import { OutboxPage } from "./OutboxPage";

const mail = {
  id: "m1",
  to: "ada@tandrel.example",
  sender: "hello@merrowline.example",
  subject: "Connect what you already use",
  html: "",
  text: "Hello Ada",
  headers: {},
  category: "onboarding",
  delivered_by: "outbox",
  sent_at: "2026-11-23T10:00:00Z",
  customer: null,
  run: "r1",
  node: "mail_1",
  flow: { id: "f1", name: "Onboarding" },
};

describe("OutboxPage", () => {
  it("shows the newest letter, says that it reached nobody, and leads to the run that wrote it", async () => {
    serve({ "GET outbox/": page([mail]) });
    show(<OutboxPage />);
    expect(await screen.findByText("Hello Ada")).toBeInTheDocument();
    expect(screen.getByText(/No mail server is set up/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Onboarding" })).toHaveAttribute("href", "/flows/f1?mode=live&run=r1");
  });

  it("says when the letter of an address is gone, and offers the way out", async () => {
    serve({ "GET outbox/": page([mail]) });
    show(<OutboxPage />, { at: "/outbox?mail=gone" });
    expect(await screen.findByText("It was deleted, or the address is wrong.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("link", { name: "Show every letter" }));
    expect(await screen.findByText("Hello Ada")).toBeInTheDocument();
  });
});
