import { describe, expect, it } from "vitest";

// The house rule of the front end: imports run one way (app → features → canvas → graph | ui; api and live beside
// them), and features do not know each other. Broken, a change on one screen could break another.
const zones: Record<string, readonly string[]> = {
  app: ["app", "features", "canvas", "graph", "ui", "api", "live"],
  features: ["canvas", "graph", "ui", "api", "live"],
  canvas: ["canvas", "graph", "ui", "api", "live"],
  live: ["live", "api"],
  ui: ["ui"],
  graph: ["graph"],
  api: ["api"],
};

const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

function place(path: string): { zone: string; feature: string } {
  const [zone = "", feature = ""] = path.split("/");
  return { zone, feature: zone === "features" ? feature : "" };
}

/** The path below src/ that an import leads to, or null for a package. */
function target(from: string, specifier: string): string | null {
  if (specifier.startsWith("@/")) return specifier.slice(2);
  if (!specifier.startsWith(".")) return null;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function breaches(path: string, text: string): string[] {
  const { zone, feature } = place(path);
  const allowed = zones[zone];
  if (!allowed) return [];
  const found: string[] = [];
  for (const [, specifier = ""] of text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)) {
    const to = target(path, specifier);
    if (to === null) continue;
    const other = place(to);
    const same = zone === "features" && other.zone === "features" && other.feature === feature;
    // Tests may use what src/test offers them; nothing that ships may.
    const helper = other.zone === "test" && /\.test\.tsx?$/.test(path);
    if (!same && !helper && !allowed.includes(other.zone)) found.push(`${path} imports ${specifier}`);
  }
  return found;
}

describe("import zones", () => {
  it("hold in every file", () => {
    const files = Object.entries(sources).map(([path, text]) => [path.replace(/^\.\.\//, ""), text] as const);
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(([path, text]) => breaches(path, text))).toEqual([]);
  });

  it("let tests alone use the helpers of tests", () => {
    expect(breaches("ui/a.test.tsx", 'import { serve } from "@/test/server";')).toEqual([]);
    expect(breaches("ui/a.tsx", 'import { serve } from "@/test/server";')).toHaveLength(1);
  });

  it("are seen when broken, by alias, by relative path and in a lazy import", () => {
    expect(breaches("features/home/a.tsx", 'import { b } from "@/features/runs/b";')).toHaveLength(1);
    expect(breaches("features/home/a.tsx", 'import { b } from "../runs/b";')).toHaveLength(1);
    expect(breaches("ui/a.tsx", 'const b = import("@/api/http");')).toHaveLength(1);
    expect(breaches("graph/a.ts", 'import type { B } from "../ui/b";')).toHaveLength(1);
    expect(
      breaches("features/home/a.tsx", 'import { b } from "./b"; import c from "@/ui/c"; import d from "react";'),
    ).toEqual([]);
  });
});
