import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { ErrorScreen } from "./ErrorScreen";

describe("ErrorScreen", () => {
  it("says what went wrong and tries again", async () => {
    const retry = vi.fn();
    render(<ErrorScreen error={new Error("The drawing has no trigger.")} retry={retry} />);
    expect(screen.getByRole("alert")).toHaveTextContent("The drawing has no trigger.");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(retry).toHaveBeenCalledOnce();
  });

  it("puts a part that could not be fetched into words, whichever browser says so", () => {
    for (const said of [
      "Failed to fetch dynamically imported module: http://x/a.js",
      "Importing a module script failed.",
      "error loading dynamically imported module: http://x/a.js",
      "Unable to preload CSS for /static/app/a.css",
    ]) {
      const { unmount } = render(<ErrorScreen error={new Error(said)} retry={vi.fn()} />);
      expect(screen.getByRole("alert")).not.toHaveTextContent(said);
      expect(screen.getByRole("button", { name: "Load the page again" })).toBeInTheDocument();
      unmount();
    }
  });
});
