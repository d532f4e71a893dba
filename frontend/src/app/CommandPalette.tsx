/** Ctrl K: everything that can be done here, and every place there is, by typing. */

import { Modal, useMantineColorScheme } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { get } from "@/api/http";
import type { Flow, Page } from "@/api/models";
import { type Offered, offered, ranked, recent, remember, useOffers } from "@/ui/commands";
import { ShortcutKey } from "@/ui/ShortcutKey";
import "./palette.css";

const PLACES = [
  ["/", "Home"],
  ["/runs", "Runs"],
  ["/events", "Events"],
  ["/outbox", "Outbox"],
  ["/customers", "Customers"],
  ["/segments", "Segments"],
  ["/connectors", "Connectors"],
  ["/settings", "Settings"],
] as const;
const SHOWN = 60;

interface Props {
  paths: ReadonlySet<string>;
  onGlossary: () => void;
  onClose: () => void;
}

export function CommandPalette({ paths, onGlossary, onClose }: Props) {
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size={560}
      padding={0}
      styles={{ body: { padding: 0 } }}
      yOffset="12vh"
      aria-label="Everything that can be done"
      // At once, and with the caret in its field: what is typed next belongs there.
      transitionProps={{ duration: 0 }}
    >
      <Inside paths={paths} onClose={onClose} onGlossary={onGlossary} />
    </Modal>
  );
}

function useApp(paths: ReadonlySet<string>, onGlossary: () => void): Offered[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const flows = useQuery({
    queryKey: ["palette", "flows"],
    queryFn: ({ signal }) => get<Page<Flow>>("flows/", {}, signal),
    staleTime: 10_000,
  });
  return useMemo(() => {
    const go = PLACES.filter(([path]) => paths.has(path)).map(([path, name]) => ({
      id: `go:${path}`,
      name: `Go to ${name}`,
      group: "Places",
      run: () => navigate(path),
    }));
    const open = (flows.data?.results ?? []).map((flow) => ({
      id: `flow:${flow.id}`,
      name: flow.name,
      group: "Flows",
      also: `open flow ${flow.state}`,
      run: () => navigate(`/flows/${flow.id}`),
    }));
    const looks = (["light", "dark", "auto"] as const).map((scheme) => ({
      id: `scheme:${scheme}`,
      name: scheme === "auto" ? "Look: like the system" : `Look: ${scheme}`,
      group: "You",
      also: "theme colour scheme mode",
      run: () => setColorScheme(scheme),
    }));
    const words = { id: "glossary", name: "What the words mean", group: "Help", also: "glossary", run: onGlossary };
    return [...open, ...go, ...looks, words];
  }, [flows.data, navigate, paths, setColorScheme, onGlossary]);
}

function Inside({ paths, onClose, onGlossary }: Props) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const version = useOffers();
  const app = useApp(paths, onGlossary);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is offered is asked anew when its version changes
  const all = useMemo(() => [...offered(), ...app], [version, app]);
  const found = useMemo(() => ranked(all, typed, recent()).slice(0, SHOWN), [all, typed]);
  const chosen = found[Math.min(at, found.length - 1)];
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins at the top
  useEffect(() => setAt(0), [typed]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows what is chosen
  useLayoutEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: "nearest" });
  }, [chosen]);
  const run = (each: Offered) => {
    remember(each.id);
    onClose();
    // After the palette has given the keyboard back: what runs may want it.
    setTimeout(each.run, 0);
  };
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) setAt((found.length + Math.min(at, found.length - 1) + by) % Math.max(1, found.length));
    else if (event.key === "Enter" && chosen) run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <div className="commands" data-testid="palette-commands">
      <div className="commands-search">
        <IconSearch className="i" aria-hidden="true" />
        <input
          role="combobox"
          aria-label="What do you want to do?"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={chosen ? `${id}-${chosen.id}` : undefined}
          placeholder="What do you want to do?"
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          // biome-ignore lint/a11y/noAutofocus: it opens on request, to be typed into
          autoFocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={keys}
        />
        <ShortcutKey>Esc</ShortcutKey>
      </div>
      <div role="listbox" id={id} aria-label="Found" ref={list}>
        {found.map((each) => (
          <div
            key={each.id}
            id={`${id}-${each.id}`}
            role="option"
            aria-selected={each === chosen}
            tabIndex={-1}
            onPointerMove={() => setAt(found.indexOf(each))}
            onClick={() => run(each)}
            onKeyDown={keys}
          >
            <span className="cut">{each.name}</span>
            <span className="t3 s12">{each.group}</span>
            {each.keys ? <ShortcutKey>{each.keys}</ShortcutKey> : null}
          </div>
        ))}
        {found.length ? null : <p className="t3">Nothing is called so here.</p>}
      </div>
    </div>
  );
}
