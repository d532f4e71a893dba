import { ApiError, type Problem } from "./errors";

export const BASE = "/api/v1/";

const unsafe = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const left = new Set<() => void>();

/** Calls `listener` when a call is answered "not signed in". Returns how to stop. */
export function onSignedOut(listener: () => void): () => void {
  left.add(listener);
  return () => left.delete(listener);
}

/** The CSRF token of the session, from its cookie. */
export function csrfToken(): string {
  const found = document.cookie.split("; ").find((each) => each.startsWith("flowstudio_csrf="));
  return found ? decodeURIComponent(found.slice("flowstudio_csrf=".length)) : "";
}

/** `fetch` with the session, the CSRF header and problems raised as ApiError. openapi-fetch calls it too. */
export async function guardedFetch(input: Request): Promise<Response> {
  const request = new Request(input, { credentials: "same-origin" });
  request.headers.set("Accept", "application/json, application/problem+json");
  if (unsafe.has(request.method)) request.headers.set("X-CSRFToken", csrfToken());
  let response: Response;
  try {
    response = await fetch(request);
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw new ApiError(0, { code: "unreachable" });
  }
  if (response.ok) return response;
  if (response.status === 401) for (const each of left) each();
  throw new ApiError(response.status, await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) return {};
  try {
    const body: unknown = await response.json();
    return body && typeof body === "object" ? (body as Problem) : {};
  } catch {
    return {};
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

/** The address of a call below /api/v1/, with the parameters that have a value. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  const base = path.startsWith("/") || path.startsWith("http") ? path : BASE + path;
  return text ? `${base}${base.includes("?") ? "&" : "?"}${text}` : base;
}

type Options = { query?: Query; body?: unknown; signal?: AbortSignal };

/** One JSON call: the parsed answer, undefined for 204, or an ApiError. */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = {};
  const init: RequestInit = { method, headers };
  if (options.signal) init.signal = options.signal;
  if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(options.body);
  }
  const url = new URL(address(path, options.query), window.location.origin);
  const response = await guardedFetch(new Request(url, init));
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) =>
  call<T>("GET", path, { ...(query && { query }), ...(signal && { signal }) });
export const post = <T>(path: string, body: unknown = {}, signal?: AbortSignal) =>
  call<T>("POST", path, { body, ...(signal && { signal }) });
export const put = <T>(path: string, body: unknown) => call<T>("PUT", path, { body });
export const patch = <T>(path: string, body: unknown) => call<T>("PATCH", path, { body });
export const remove = <T = void>(path: string) => call<T>("DELETE", path);
