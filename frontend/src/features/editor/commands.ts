/** Everything the editor can do, by name: one table for keys, menus and the sheet that lists them. */

import { chain, maySwitchOff, switchOff } from "@/graph/alter";
import { ARRANGEMENTS, type Arrangement, arrange } from "@/graph/arrange";
import { branchesOf } from "@/graph/branches";
import { group, leaveGroup, setCollapsed, spread, ungroup } from "@/graph/groups";
import { START } from "@/graph/subflow";
import { ask, copyChosen, duplicateChosen, note, pasteClipboard, removeChosen, selectAll } from "./actions";
import {
  anything,
  type Command,
  catalogue,
  chosen,
  graph,
  groups,
  head,
  matches,
  meant,
  nameable,
  nodes,
  type Pressed,
  several,
  some,
  type Tools,
} from "./command";
import { inlineChosen, takeOut } from "./subflows";

export { type Command, type Section, type Tools, usable } from "./command";

const LINE_UP: readonly (readonly [Arrangement, string])[] = [
  ["left", "Alt+A"],
  ["center", "Alt+H"],
  ["right", "Alt+D"],
  ["top", "Alt+W"],
  ["middle", "Alt+V"],
  ["bottom", "Alt+S"],
  ["columns", "Alt+Shift+H"],
  ["rows", "Alt+Shift+V"],
];

export const COMMANDS: readonly Command[] = [
  {
    id: "add",
    section: "Add and change",
    name: "Add a step",
    keys: ["N"],
    run: ({ editor, canvas }) => ask(editor, canvas.current),
  },
  {
    id: "rename",
    section: "Add and change",
    name: (tools) => (graph(tools).notes.some(({ id }) => id === nameable(tools)) ? "Write the note" : "Rename"),
    keys: ["F2"],
    may: (tools) => nameable(tools) !== null,
    run: (tools) => {
      const id = nameable(tools);
      if (id) tools.canvas.current?.rename(id);
    },
  },
  {
    id: "replace",
    section: "Add and change",
    name: "Replace with another step",
    keys: ["R"],
    may: (tools) => nodes(tools).length === 1,
    run: (tools) => {
      const [node] = nodes(tools);
      if (node) ask(tools.editor, tools.canvas.current, node.id);
    },
  },
  {
    id: "off",
    section: "Add and change",
    name: (tools) =>
      some(tools) &&
      nodes(tools)
        .filter((n) => maySwitchOff(n, catalogue(tools)))
        .every((n) => n.disabled)
        ? "Switch on"
        : "Switch off",
    keys: ["O"],
    may: (tools) => nodes(tools).some((node) => maySwitchOff(node, catalogue(tools))),
    run: (tools) =>
      tools.editor.act(
        switchOff(
          graph(tools),
          catalogue(tools),
          nodes(tools).map(({ id }) => id),
        ),
      ),
  },
  {
    id: "lead",
    section: "Add and change",
    name: (tools) => (several(tools) ? "Connect in their order" : "Lead to a card"),
    keys: ["L"],
    may: (tools) =>
      several(tools) ||
      [...graph(tools).nodes, ...graph(tools).edges].some(
        ({ id }) => chosen(tools).size === 1 && chosen(tools).has(id),
      ),
    run: (tools) => {
      const [id] = chosen(tools);
      if (several(tools)) {
        const change = chain(
          graph(tools),
          catalogue(tools),
          nodes(tools).map((node) => node.id),
        );
        if (change) tools.editor.act(change);
        else tools.say("Nothing to connect", "None of the chosen cards has an open way to the next one.");
      } else if (id) tools.editor.setState({ picking: { kind: "lead", id } });
    },
  },
  {
    id: "copy",
    section: "Add and change",
    name: "Copy",
    keys: ["Ctrl+C"],
    look: true,
    may: anything,
    run: (tools) => copyChosen(tools),
  },
  {
    id: "cut",
    section: "Add and change",
    name: "Cut",
    keys: ["Ctrl+X"],
    may: anything,
    run: (tools) => copyChosen(tools, true),
  },
  {
    id: "paste",
    section: "Add and change",
    name: "Paste, also from another flow or from text",
    keys: ["Ctrl+V"],
    run: (tools) => pasteClipboard(tools, false),
  },
  {
    id: "paste-after",
    section: "Add and change",
    name: "Paste after the chosen card",
    keys: ["Ctrl+Shift+V"],
    may: (tools) => nodes(tools).length === 1,
    run: (tools) => pasteClipboard(tools, true),
  },
  {
    id: "duplicate",
    section: "Add and change",
    name: "Duplicate",
    keys: ["Ctrl+D"],
    may: anything,
    run: ({ editor }) => duplicateChosen(editor),
  },
  {
    id: "note",
    section: "Add and change",
    name: "Add a note",
    keys: ["S"],
    run: ({ editor, canvas }) => note(editor, canvas.current),
  },
  {
    id: "delete",
    section: "Add and change",
    name: "Delete; the path is joined again",
    keys: ["Delete", "Backspace"],
    may: anything,
    run: ({ editor }) => removeChosen(editor),
  },
  {
    id: "branch",
    section: "Branches and groups",
    name: "Choose the whole branch",
    keys: ["B"],
    look: true,
    may: some,
    run: (tools) =>
      tools.editor.select(
        branchesOf(
          graph(tools),
          nodes(tools).map(({ id }) => id),
        ),
      ),
  },
  {
    id: "move-branch",
    section: "Branches and groups",
    name: "Move the branch to…",
    keys: ["M"],
    may: (tools) => head(tools) !== undefined,
    run: (tools) => tools.editor.setState({ picking: { kind: "move", id: head(tools)?.id ?? "" } }),
  },
  {
    id: "copy-branch",
    section: "Branches and groups",
    name: "Copy the branch to…",
    keys: ["Shift+M"],
    may: (tools) => head(tools) !== undefined,
    run: (tools) => tools.editor.setState({ picking: { kind: "copy", id: head(tools)?.id ?? "" } }),
  },
  {
    id: "extract",
    section: "Branches and groups",
    name: "Make a flow of its own of them",
    keys: ["Ctrl+E"],
    may: (tools) => some(tools) && catalogue(tools).has(START),
    run: (tools) => takeOut(tools),
  },
  {
    id: "inline",
    section: "Branches and groups",
    name: "Put the steps of the started flow here",
    keys: ["Ctrl+Shift+E"],
    may: (tools) => nodes(tools).length === 1 && nodes(tools)[0]?.type === START,
    run: (tools) => void inlineChosen(tools),
  },
  {
    id: "group",
    section: "Branches and groups",
    name: "Group",
    keys: ["Ctrl+G"],
    may: (tools) => group(graph(tools), chosen(tools)) !== null,
    run: (tools) => {
      const change = group(graph(tools), chosen(tools));
      tools.editor.act(change);
      const [id] = change?.select ?? [];
      if (id) requestAnimationFrame(() => tools.canvas.current?.rename(id));
    },
  },
  {
    id: "ungroup",
    section: "Branches and groups",
    name: "Ungroup",
    keys: ["Ctrl+Shift+G"],
    may: (tools) => meant(tools) !== undefined,
    run: (tools) => {
      const found = meant(tools);
      if (found) tools.editor.act(ungroup(graph(tools), [found.id]));
    },
  },
  {
    id: "leave-group",
    section: "Branches and groups",
    name: "Take out of the group",
    keys: ["Shift+G"],
    may: (tools) => groups(tools).length === 0 && meant(tools) !== undefined,
    run: (tools) =>
      tools.editor.act(
        leaveGroup(
          graph(tools),
          nodes(tools).map(({ id }) => id),
        ),
      ),
  },
  {
    id: "collapse",
    section: "Branches and groups",
    name: (tools) => (meant(tools)?.collapsed ? "Open the group" : "Collapse the group"),
    keys: ["C"],
    may: (tools) => meant(tools) !== undefined,
    run: (tools) => {
      const found = meant(tools);
      if (found) tools.editor.act(setCollapsed(graph(tools), catalogue(tools), found.id, !found.collapsed));
    },
  },
  ...LINE_UP.map(
    ([way, key]): Command => ({
      id: `align-${way}`,
      section: "Line up",
      name: ARRANGEMENTS[way],
      keys: [key],
      may: several,
      run: (tools) => tools.editor.act(arrange(graph(tools), catalogue(tools), chosen(tools), way)),
    }),
  ),
  {
    id: "tidy",
    section: "Line up",
    name: "Tidy up the whole flow",
    keys: ["T"],
    may: (tools) => graph(tools).nodes.length > 0,
    run: ({ tidy }) => tidy(),
  },
  {
    id: "tidy-chosen",
    section: "Line up",
    name: "Tidy up the chosen steps, and nothing else",
    keys: ["Shift+T"],
    may: (tools) => nodes(tools).length > 1,
    run: (tools) => tools.tidy(new Set(nodes(tools).map(({ id }) => id))),
  },
  { id: "undo", section: "Undo", name: "Undo", keys: ["Ctrl+Z"], run: ({ editor }) => editor.undo() },
  { id: "redo", section: "Undo", name: "Redo", keys: ["Ctrl+Shift+Z", "Ctrl+Y"], run: ({ editor }) => editor.redo() },
  {
    id: "history",
    section: "Undo",
    name: "All steps so far, to go back to any",
    keys: ["H"],
    run: ({ editor }) => editor.setState((state) => ({ historyOpen: !state.historyOpen })),
  },
  { id: "save", section: "Undo", name: "Save now (it saves by itself)", keys: ["Ctrl+S"], run: ({ save }) => save() },
  {
    id: "outline",
    section: "Look",
    name: "Outline: the drawing as a list",
    keys: ["U"],
    look: true,
    run: ({ editor }) => {
      const opens = !editor.getState().outline;
      editor.setState({ outline: opens });
      if (opens) requestAnimationFrame(() => document.querySelector<HTMLElement>('.outline [tabindex="0"]')?.focus());
    },
  },
  {
    id: "search",
    section: "Look",
    name: "Search in this flow",
    keys: ["Ctrl+F"],
    look: true,
    run: ({ editor }) => editor.setState({ searching: true }),
  },
  {
    id: "fit",
    section: "Look",
    name: "Show the whole flow",
    keys: ["F"],
    look: true,
    run: ({ canvas }) => canvas.current?.fit(),
  },
  {
    id: "zoom-chosen",
    section: "Look",
    name: "Zoom to what is chosen",
    keys: ["Shift+F"],
    look: true,
    may: anything,
    run: (tools) => tools.canvas.current?.zoomTo(spread(graph(tools), chosen(tools))),
  },
  {
    id: "zoom-in",
    section: "Look",
    name: "Zoom in",
    keys: ["Ctrl++", "Ctrl+="],
    look: true,
    run: ({ canvas }) => canvas.current?.zoomBy(1.2),
  },
  {
    id: "zoom-out",
    section: "Look",
    name: "Zoom out",
    keys: ["Ctrl+-"],
    look: true,
    run: ({ canvas }) => canvas.current?.zoomBy(0.8),
  },
  {
    id: "zoom-reset",
    section: "Look",
    name: "Zoom to 100 %",
    keys: ["Ctrl+0"],
    look: true,
    run: ({ canvas }) => canvas.current?.zoomBack(),
  },
  {
    id: "all",
    section: "Look",
    name: "Choose all",
    keys: ["Ctrl+A"],
    look: true,
    run: ({ editor }) => selectAll(editor),
  },
  {
    id: "none",
    section: "Look",
    name: "Choose nothing, leave what was begun",
    keys: ["Escape"],
    look: true,
    run: ({ editor }) => {
      if (editor.getState().picking) editor.setState({ picking: null });
      else editor.select([]);
    },
  },
  { id: "help", section: "Look", name: "All keys", keys: ["?"], look: true, run: ({ help }) => help() },
];

const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]));

export function command(id: string): Command {
  const found = BY_ID.get(id);
  if (!found) throw new Error(`there is no command ${id}`);
  return found;
}

export function nameOf({ name }: Command, tools: Tools): string {
  return typeof name === "string" ? name : name(tools);
}

export function pressed(event: Pressed): Command | undefined {
  return COMMANDS.find(({ keys }) => keys?.some((each) => matches(each, event)));
}
