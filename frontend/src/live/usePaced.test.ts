import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usePaced } from "./usePaced";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe("usePaced", () => {
  it("shows the first change at once and then only the newest in turn", () => {
    const { result, rerender } = renderHook(({ value }) => usePaced(value, 250), { initialProps: { value: 1 } });
    expect(result.current).toBe(1);
    rerender({ value: 2 });
    expect(result.current).toBe(2);
    for (let value = 3; value < 8; value++) {
      rerender({ value });
      act(() => vi.advanceTimersByTime(40));
    }
    expect(result.current).toBe(2);
    act(() => vi.advanceTimersByTime(50));
    expect(result.current).toBe(7);
    act(() => vi.advanceTimersByTime(5_000));
    rerender({ value: 8 });
    expect(result.current).toBe(8);
  });

  it("keeps out of the way with 0", () => {
    const { result, rerender } = renderHook(({ value }) => usePaced(value, 0), { initialProps: { value: 1 } });
    rerender({ value: 2 });
    expect(result.current).toBe(2);
  });
});
