/** Values to put into a text: of the customer, the event and earlier steps, with what they were lately. */

import { Popover } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { useState } from "react";
import type { Variable } from "../data";

interface Props {
  label: string;
  variables: readonly Variable[];
  onPick: (path: string) => void;
}

const MOST = 80;

function groupOf({ source }: Variable): string {
  return source === "customer" ? "Customer" : source === "event" ? "Event" : source || "Other";
}

export function VariablePicker({ label, variables, onPick }: Props) {
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = variables.filter((each) =>
    words.every((word) => `${each.path} ${each.source}`.toLowerCase().includes(word)),
  );
  const groups = new Map<string, Variable[]>();
  for (const each of found.slice(0, MOST)) groups.set(groupOf(each), [...(groups.get(groupOf(each)) ?? []), each]);
  const pick = (path: string) => {
    setOpen(false);
    setQuery("");
    onPick(path);
  };
  const first = found[0];
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={300} trapFocus zIndex={700}>
      <Popover.Target>
        <button
          type="button"
          className="icon-btn tiny pick-variable"
          aria-label={`Put a value into ${label}`}
          title="Put a value in"
          onClick={() => setOpen(!open)}
        >
          <IconBraces className="i i14" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="variables" data-testid="variable-picker">
        <div className="field quiet">
          <input
            type="search"
            value={query}
            placeholder="Find a value"
            aria-label="Find a value"
            autoComplete="off"
            data-autofocus
            // Escape closes this list and not the dialog that it stands in.
            data-mantine-stop-propagation="true"
            onChange={(event) => setQuery(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && first) pick(first.path);
            }}
          />
        </div>
        <div className="variables-list">
          {[...groups].map(([group, items]) => (
            <section key={group}>
              <div className="h">{group}</div>
              {items.map((each) => (
                <button
                  type="button"
                  key={each.path}
                  className="variable"
                  data-mantine-stop-propagation="true"
                  onClick={() => pick(each.path)}
                >
                  <span className="cut">{each.path}</span>
                  <span className="cut t3">{each.values[0] ?? each.sample}</span>
                </button>
              ))}
            </section>
          ))}
          {found.length === 0 ? (
            <p className="help">{variables.length ? "Nothing is called so." : "Nothing has been seen yet."}</p>
          ) : found.length > MOST ? (
            <p className="help">{found.length - MOST} more: type to find them.</p>
          ) : null}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
