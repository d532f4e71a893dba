import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router";
import type { Flow, Me, Run } from "@/api/models";
import { theme } from "@/ui/theme";

const user = { id: "1", email: "ops@merrowline.example", name: "Marketing ops" };
const workspace = { id: "w", slug: "main", name: "Merrowline", timezone: "UTC" };

export function me(role: Me["role"] = "admin"): Me {
  return { user, workspace, role, workspaces: [workspace], sandbox: true, held: false, has_password: true };
}

export function flow(over: Partial<Flow> = {}): Flow {
  return {
    id: "f1",
    name: "Onboarding",
    tags: [],
    state: "live",
    draft_revision: 3,
    published_version: 2,
    has_unpublished_changes: false,
    owner: user,
    created_at: "2026-11-20T10:00:00Z",
    changed_at: "2026-11-23T10:00:00Z",
    sentence: "When a customer signs up",
    issues: { errors: 0, warnings: 0 },
    drawing: { width: 248, height: 76, nodes: [{ id: "a", x: 0, y: 0, w: 248, h: 76, kind: "trigger" }], edges: [] },
    volume: { day: 10, inside: 4, failed: 0, hours: Array.from({ length: 24 }, () => 1) },
    ...over,
  };
}

export function run(over: Partial<Run> = {}): Run {
  return {
    id: "r1",
    flow: { id: "f1", name: "Onboarding" },
    version: 2,
    customer: { id: "c1", name: "Tandrel", email: "it@tandrel.example" },
    status: "active",
    state: "waiting",
    node: { id: "wait_1", name: "Two days" },
    sentence: "Two days: waits 2 days",
    reason: "",
    started_at: "2026-11-23T10:00:00Z",
    ended_at: null,
    cost: 0.2,
    retry_of: "",
    retried_as: "",
    steps: 3,
    ...over,
  };
}

function Place() {
  const { pathname, search } = useLocation();
  return <output data-testid="place">{pathname + search}</output>;
}

/** Renders a screen as somebody signed in would see it; `place` says where the router is. */
export function show(element: ReactNode, { at = "/", path = "/*", role = "admin" as Me["role"] | null } = {}) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryData(["me"], role && me(role));
  return render(
    <MantineProvider theme={theme}>
      <QueryClientProvider client={queries}>
        <MemoryRouter initialEntries={[at]}>
          <Routes>
            <Route path={path} element={element} />
            <Route path="*" element={null} />
          </Routes>
          <Place />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
}
