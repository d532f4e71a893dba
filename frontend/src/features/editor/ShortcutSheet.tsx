/** Every key of the editor on one sheet. */

import { Modal } from "@mantine/core";
import { ShortcutKey } from "@/ui/ShortcutKey";

const KEYS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    "Add and change",
    [
      ["N", "Add a step after the chosen card"],
      ["Ctrl D", "Duplicate"],
      ["Delete", "Delete; the path is joined again"],
      ["Ctrl C, X, V", "Copy, cut, paste; also between flows and as text"],
      ["Arrows", "Move the chosen cards"],
    ],
  ],
  [
    "Undo",
    [
      ["Ctrl Z", "Undo"],
      ["Ctrl Shift Z", "Redo"],
      ["Ctrl S", "Save now (it saves by itself)"],
    ],
  ],
  [
    "Look",
    [
      ["F", "Show the whole flow"],
      ["T", "Tidy up"],
      ["Ctrl + and −", "Zoom"],
      ["Shift drag", "Choose many"],
      ["Ctrl A", "Choose all"],
      ["Esc", "Choose nothing"],
      ["Tab, Enter", "Go from card to card, and choose one"],
    ],
  ],
];

export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size={460} closeButtonProps={{ "aria-label": "Close" }}>
      <div className="keys">
        {KEYS.map(([title, keys]) => (
          <section key={title}>
            <h3 className="h">{title}</h3>
            <dl>
              {keys.map(([key, words]) => (
                <div key={key}>
                  <dt>
                    <ShortcutKey>{key}</ShortcutKey>
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
