/** A form in a page, for the tests of its fields: what it starts with, what it tells, what the server says. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { useState } from "react";
import { MemoryRouter } from "react-router";
import { vi } from "vitest";
import type { Role } from "@/api/models";
import type { Schema } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import type { Config } from "@/graph/document";
import { CATALOGUE, CHAIN, node, typeNamed } from "@/graph/sample.test-data";
import { createEditor, EditorContext } from "../store";
import { Form } from "./Form";

interface HarnessProps {
  schema: Schema;
  start: Config;
  type?: string;
  issues?: readonly Issue[];
  told: (config: Config) => void;
}

function Harness({ schema, start, type = "slack.message", issues = [], told }: HarnessProps) {
  const [config, setConfig] = useState(start);
  const [editor] = useState(() => createEditor({ flow: "f", catalogue: CATALOGUE, graph: CHAIN, editable: true }));
  return (
    <EditorContext value={editor}>
      <Form
        schema={schema}
        type={{ ...typeNamed(CATALOGUE.has(type) ? type : "slack.message"), type, schema }}
        node={{ ...node(type === "branch" ? "size" : "alert", type), config }}
        flow="f"
        issues={issues}
        disabled={false}
        focus=""
        onRest={() => {}}
        onShow={() => {}}
        onChange={(next) => {
          setConfig(next);
          told(next);
        }}
      />
    </EditorContext>
  );
}

export function show(
  schema: Schema,
  start: Config,
  options: { type?: string; issues?: readonly Issue[]; role?: Role } = {},
) {
  const { role, ...rest } = options;
  const told = vi.fn<(config: Config) => void>();
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(["me"], { role: role ?? "admin", workspace: { timezone: "" } });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <MemoryRouter>
          <Harness schema={schema} start={start} told={told} {...rest} />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return told;
}

/** One field of a widget, called "Field". */
export function one(widget: string, start: Config = {}, part: Partial<Schema> = {}) {
  return show(
    { type: "object", properties: { field: { type: "string", title: "Field", "x-widget": widget, ...part } } },
    start,
  );
}

export const last = (told: ReturnType<typeof show>) => told.mock.calls.at(-1)?.[0];

/** jsdom has no font loading, which growing text fields listen to. */
export function prepare(): void {
  Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() });
}
