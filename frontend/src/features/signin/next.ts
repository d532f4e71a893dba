/** Where to go after signing in: a page of this site, or home when the address leads elsewhere. */
export function inside(next: string | null): string {
  if (!next?.startsWith("/") || next.startsWith("//") || next.includes("\\")) return "/";
  try {
    const url = new URL(next, "https://here.invalid");
    return url.origin === "https://here.invalid" && !url.pathname.startsWith("/signin")
      ? url.pathname + url.search
      : "/";
  } catch {
    return "/";
  }
}
