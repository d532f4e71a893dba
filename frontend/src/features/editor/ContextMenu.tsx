/** The menu at a card, a line, a group, a note or the free canvas: what can be done there, with the keys beside it. */

import { Menu } from "@mantine/core";
import { Fragment } from "react";
import type { MenuTarget } from "@/canvas/Canvas";
import { ShortcutKey } from "@/ui/ShortcutKey";
import { command, nameOf, type Tools, usable } from "./commands";

const SHORT: Readonly<Record<string, string>> = {
  paste: "Paste",
  delete: "Delete",
  "tidy-chosen": "Tidy up these steps",
  tidy: "Tidy up",
  history: "All steps so far",
};

const AT_SOMETHING = [
  ["add", "rename", "replace", "off", "lead"],
  ["copy", "cut", "paste-after", "duplicate"],
  ["branch", "move-branch", "copy-branch", "extract", "inline"],
  ["group", "ungroup", "leave-group", "collapse"],
  ["align-left", "align-center", "align-top", "align-middle", "columns", "rows", "tidy-chosen", "zoom-chosen"],
  ["delete"],
];
const AT_NOTHING = [["add", "note", "paste"], ["all", "search", "fit"], ["tidy", "undo", "redo", "history"], ["help"]];

interface Props {
  target: MenuTarget | null;
  tools: Tools;
  onClose: () => void;
}

export function ContextMenu({ target, tools, onClose }: Props) {
  if (!target) return null;
  const chosen = tools.editor.getState().selection.size > 0;
  const sections = (chosen ? AT_SOMETHING : AT_NOTHING)
    .map((ids) =>
      ids
        .map((id) => command(id === "columns" || id === "rows" ? `align-${id}` : id))
        .filter((each) => usable(each, tools)),
    )
    .filter((each) => each.length);
  return (
    <Menu
      key={`${target.x} ${target.y}`}
      opened
      onChange={(opened) => opened || onClose()}
      position="bottom-start"
      offset={2}
      width={264}
      returnFocus
      trapFocus
      withInitialFocusPlaceholder={false}
      menuItemTabIndex={0}
    >
      <Menu.Target>
        <button
          type="button"
          className="menu-at"
          tabIndex={-1}
          aria-label="What can be done here"
          style={{ left: target.x, top: target.y }}
        />
      </Menu.Target>
      <Menu.Dropdown data-testid="context-menu" className="context-menu">
        {sections.map((each, at) => (
          <Fragment key={each[0]?.id}>
            {at ? <Menu.Divider /> : null}
            {each.map((item) => (
              <Menu.Item
                key={item.id}
                rightSection={item.keys?.[0] ? <Keys keys={item.keys[0]} /> : null}
                data-testid={`menu-${item.id}`}
                onClick={() => {
                  onClose();
                  // After the menu has given the keys back, so that what opens now keeps them.
                  requestAnimationFrame(() => item.run(tools));
                }}
              >
                {SHORT[item.id] ?? nameOf(item, tools)}
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const MAC = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Keys as this machine's keyboard names them. */
export function shown(keys: string): string {
  const text = keys.replace("Escape", "Esc").replace("Delete", "Del");
  if (MAC)
    return text
      .replace("Ctrl", "⌘")
      .replace("Shift", "⇧")
      .replace("Alt", "⌥")
      .replace(/\+(?=.)/g, " ");
  return text.replace(/\+(?=.)/g, " ").replace(/-$/, "−");
}

export function Keys({ keys }: { keys: string }) {
  return <ShortcutKey>{shown(keys)}</ShortcutKey>;
}
