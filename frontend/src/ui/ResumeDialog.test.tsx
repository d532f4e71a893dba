import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { type Overdue, ResumeDialog } from "./ResumeDialog";
import { theme } from "./theme";

const COUNTS: Overdue = {
  paused_s: 172_800,
  inside: 40,
  overdue: 23,
  late: 13,
  spread_s: 132,
  messages: 23,
  timers: 40,
  nodes: [{ node: "nap", name: "Nap", count: 23, reaches: "E-mail 2" }],
};

function show(counts: Overdue) {
  const act = vi.fn(async () => undefined);
  const onOlder = vi.fn();
  const onClose = vi.fn();
  render(
    <MantineProvider theme={theme}>
      <ResumeDialog name="Trial" counts={counts} wrong="" older="24h" onOlder={onOlder} act={act} onClose={onClose} />
    </MantineProvider>,
  );
  return { act, onOlder, onClose };
}

describe("resuming", () => {
  it("chooses nothing that sends or drops unasked", async () => {
    const { act, onClose } = show(COUNTS);
    expect(screen.getByText(/the time of 23 came meanwhile, 23 of them before a message/)).toBeTruthy();
    fireEvent.click(screen.getByTestId("resume-confirm"));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(act).toHaveBeenCalledWith({ overdue: "shift" });
  });

  it("sends the limit and the spread that were written", async () => {
    const { act, onOlder } = show(COUNTS);
    fireEvent.click(screen.getByTestId("resume-skip"));
    fireEvent.change(screen.getByLabelText("Too late is more than"), { target: { value: "3d" } });
    expect(onOlder).toHaveBeenCalledWith("3d");
    fireEvent.click(screen.getByTestId("resume-run_now"));
    fireEvent.change(screen.getByLabelText("Spread over"), { target: { value: "2h" } });
    fireEvent.click(screen.getByTestId("resume-confirm"));
    await waitFor(() => expect(act).toHaveBeenCalledWith({ overdue: "run_now", spread: "2h" }));
  });

  it("says what went wrong and stays open", async () => {
    const { act, onClose } = show(COUNTS);
    act.mockRejectedValueOnce(new Error("“soon” is not a duration."));
    fireEvent.click(screen.getByTestId("resume-exit"));
    fireEvent.click(screen.getByTestId("resume-confirm"));
    expect((await screen.findByRole("alert")).textContent).toContain("not a duration");
    expect(onClose).not.toHaveBeenCalled();
  });
});
