/** What the editor offers to the palette: its commands, every step that can be added, every card to go to, its modes. */

import { useCallback } from "react";
import type { Mode } from "@/canvas/overlay";
import { type Offered, useOffered } from "@/ui/commands";
import { add, current, naturalPlace } from "./actions";
import { COMMANDS, nameOf, type Tools, usable } from "./commands";

const CARDS = 500;

export function useOffer(tools: Tools): void {
  const list = useCallback((): Offered[] => {
    const { editor, canvas } = tools;
    const { catalogue, editable } = editor.getState();
    const commands = COMMANDS.filter((each) => usable(each, tools)).map((each) => ({
      id: `edit:${each.id}`,
      name: nameOf(each, tools),
      group: each.section,
      ...(each.keys?.[0] ? { keys: each.keys[0].replaceAll("+", " ") } : {}),
      run: () => each.run(tools),
    }));
    const types = editable
      ? [...catalogue.values()].map((type) => ({
          id: `add:${type.type}`,
          name: `Add ${type.name}`,
          group: type.category,
          also: `${type.vendor?.name ?? ""} ${type.type} ${type.help}`,
          run: () => add(editor, canvas.current, type, naturalPlace(editor, canvas.current)),
        }))
      : [];
    const cards = current(editor)
      .nodes.slice(0, CARDS)
      .map((node) => ({
        id: `card:${node.id}`,
        name: node.name || node.id,
        group: "In this flow",
        also: `find go to ${node.type}`,
        run: () => {
          editor.select([node.id]);
          canvas.current?.show(node.id);
        },
      }));
    return [...commands, ...types, ...cards];
  }, [tools]);
  useOffered(list);
}

const NAMES: Readonly<Record<Mode, string>> = {
  build: "Build",
  simulate: "Simulate",
  live: "Watch live",
  history: "See its history",
};

export function useOfferModes(mode: Mode, modes: readonly Mode[], onMode: (mode: Mode) => void): void {
  const list = useCallback(
    (): Offered[] =>
      modes
        .filter((each) => each !== mode)
        .map((each) => ({ id: `mode:${each}`, name: NAMES[each], group: "Mode", run: () => onMode(each) })),
    [mode, modes, onMode],
  );
  useOffered(list);
}
