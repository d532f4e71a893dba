import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { me, show } from "@/test/screen";
import { serve } from "@/test/server";
import { LinkPage } from "./LinkPage";
import { SignInPage } from "./SignInPage";

const session = { authenticated: false, csrf: "t" };

afterEach(() => {
  window.location.hash = "";
});

describe("LinkPage", () => {
  it("uses the link up by the button, not by opening it", async () => {
    window.location.hash = "#token=abc";
    const { calls } = serve({
      "GET auth/session/": session,
      "POST auth/link/": { status: 204, body: null },
      "GET me/": me(),
    });
    show(<LinkPage />, { at: "/signin/link", role: null });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(calls.filter((call) => call.method === "POST")).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Sign in on this device" }));
    await waitFor(() => expect(screen.getByTestId("place")).toHaveTextContent(/^\/$/));
    expect(calls.find((call) => call.method === "POST")?.body).toEqual({ token: "abc" });
  });

  it("says that a link is used or old, and leaves the button", async () => {
    window.location.hash = "#token=old";
    serve({
      "GET auth/session/": session,
      "POST auth/link/": { status: 403, body: { detail: "This link was used already." } },
    });
    show(<LinkPage />, { at: "/signin/link", role: null });
    await userEvent.click(screen.getByRole("button", { name: "Sign in on this device" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("This link was used already.");
    expect(screen.getByRole("button", { name: "Sign in on this device" })).toBeEnabled();
  });

  it("explains a link without a token", () => {
    serve({});
    show(<LinkPage />, { at: "/signin/link", role: null });
    expect(screen.getByText("This link is not whole")).toBeInTheDocument();
  });
});

describe("SignInPage", () => {
  it("goes on to where the person wanted to be, and nowhere outside", async () => {
    serve({ "GET auth/session/": session, "POST auth/signin/": { status: 204, body: null }, "GET me/": me() });
    show(<SignInPage />, { at: "/signin?next=%2Fruns%3Fstatus%3Dfailed", path: "/signin", role: null });
    await userEvent.type(screen.getByLabelText("Work e-mail"), "ops@merrowline.example");
    await userEvent.type(screen.getByLabelText("Password"), "a long sentence");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await waitFor(() => expect(screen.getByTestId("place")).toHaveTextContent("/runs?status=failed"));
  });

  it("says one and the same sentence for a wrong pair, and keeps what was typed", async () => {
    serve({
      "GET auth/session/": session,
      "GET me/": { status: 401, body: {} },
      "POST auth/signin/": { status: 403, body: { detail: "The e-mail address or the password is not right." } },
    });
    show(<SignInPage />, { at: "/signin", path: "/signin", role: null });
    await userEvent.type(screen.getByLabelText("Work e-mail"), "ops@merrowline.example");
    await userEvent.type(screen.getByLabelText("Password"), "wrong");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The e-mail address or the password is not right.");
    expect(screen.getByLabelText("Work e-mail")).toHaveValue("ops@merrowline.example");
  });
});
