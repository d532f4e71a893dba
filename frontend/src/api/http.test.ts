import { afterEach, describe, expect, it, vi } from "vitest";
import { serve } from "@/test/server";
import { answer, api } from "./client";
import { ApiError } from "./errors";
import { address, onSignedOut, post } from "./http";

afterEach(() => {
  // biome-ignore lint/suspicious/noDocumentCookie: the test plays the browser
  document.cookie = "flowstudio_csrf=; max-age=0";
});

describe("calls", () => {
  it("carry the CSRF token of the session where something changes, and only there", async () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the test plays the browser
    document.cookie = "flowstudio_csrf=abc%3D";
    const { calls } = serve({ "POST flows/": {}, "GET me/": {} });
    await post("flows/", { name: "x" });
    await api.GET("/api/v1/me/");
    expect(calls.map((call) => call.headers.get("X-CSRFToken"))).toEqual(["abc=", null]);
  });

  it("turn a problem into an error with its sentence, code and fields", async () => {
    serve({
      "POST flows/": {
        status: 400,
        body: { code: "invalid_input", detail: "name: Too long.", errors: [{ field: "name", message: "Too long." }] },
      },
    });
    const error = await post("flows/", {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    const problem = error as ApiError;
    expect([problem.status, problem.code, problem.message, problem.field("name")]).toEqual([
      400,
      "invalid_input",
      "name: Too long.",
      "Too long.",
    ]);
  });

  it("say who is signed out, and name a server that cannot be reached", async () => {
    const out = vi.fn();
    const stop = onSignedOut(out);
    serve({ "GET me/": { status: 401, body: { detail: "Sign in." } } });
    await expect(answer(api.GET("/api/v1/me/"))).rejects.toMatchObject({ status: 401 });
    expect(out).toHaveBeenCalledOnce();
    stop();
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(post("flows/")).rejects.toMatchObject({
      status: 0,
      message: expect.stringContaining("cannot be reached"),
    });
  });

  it("leave out parameters without a value", () => {
    expect(address("runs/", { flow: "f 1", customer: "", status: undefined, limit: 0 })).toBe(
      "/api/v1/runs/?flow=f+1&limit=0",
    );
  });
});
