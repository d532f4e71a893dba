import createClient from "openapi-fetch";
import { guardedFetch } from "./http";
import type { paths } from "./schema";

/** Every call of the API, typed by its OpenAPI document. What fails is thrown as an ApiError. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: guardedFetch });

/** What a call answered. `guardedFetch` throws for everything but success, so there is always something. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
