import { vi } from "vitest";

export type Call = { method: string; path: string; query: URLSearchParams; body: unknown; headers: Headers };
type Reply = { status: number; body: unknown } | unknown;
type Handler = (call: Call) => Reply;

const isReply = (value: unknown): value is { status: number; body: unknown } =>
  typeof value === "object" &&
  value !== null &&
  "status" in value &&
  "body" in value &&
  Object.keys(value).length === 2;

/**
 * Stands in for the API in tests of screens: `"GET flows/"` → what it answers. A call that nobody expects is answered
 * 404 and kept, so that a test can see it.
 */
export function serve(routes: Record<string, Reply | Handler>): { calls: Call[] } {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (input: Request) => {
    const url = new URL(input.url);
    const text = await input.clone().text();
    const call: Call = {
      method: input.method,
      path: url.pathname.replace(/^\/api\/v1\//, ""),
      query: url.searchParams,
      body: text ? JSON.parse(text) : undefined,
      headers: input.headers,
    };
    calls.push(call);
    const found = routes[`${call.method} ${call.path}`];
    const said = typeof found === "function" ? (found as Handler)(call) : found;
    const { status, body } = isReply(said)
      ? said
      : said === undefined
        ? {
            status: 404,
            body: { status: 404, code: "not_found", detail: `nobody expected ${call.method} ${call.path}` },
          }
        : { status: 200, body: said };
    const type = status < 400 ? "application/json" : "application/problem+json";
    if (status === 204) return new Response(null, { status });
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": type } });
  });
  return { calls };
}

export const page = <T>(results: T[]) => ({ results, next: null, previous: null });
