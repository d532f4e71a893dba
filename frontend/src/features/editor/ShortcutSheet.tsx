/** Every key of the editor on one sheet, from the same table that the keys themselves come from. */

import { Modal } from "@mantine/core";
import { ShortcutKey } from "@/ui/ShortcutKey";
import { Keys } from "./ContextMenu";
import { COMMANDS, type Section } from "./commands";

const ORDER: readonly Section[] = ["Add and change", "Branches and groups", "Line up", "Undo", "Look"];
/** What a hand does without a command of its own. */
const HANDS: readonly (readonly [string, string])[] = [
  ["Tab, Enter", "Go from card to card, and choose one"],
  ["Shift Enter", "Choose one more"],
  ["Arrows", "Move what is chosen; with Shift further"],
  ["Shift drag", "Choose many with a frame"],
  ["Menu key", "All that can be done here; or the right button"],
];
/** What is called by what it does now, called here by what it can do. */
const BOTH: Readonly<Record<string, string>> = {
  rename: "Rename, or write a note",
  off: "Switch off or on",
  lead: "Lead to a card; several: connect in their order",
  collapse: "Collapse or open the group",
};

export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size={820} closeButtonProps={{ "aria-label": "Close" }}>
      <div className="keys" data-testid="keys">
        {ORDER.map((section) => (
          <section key={section}>
            <h3 className="h">{section}</h3>
            <dl>
              {COMMANDS.filter((each) => each.section === section && each.keys).map(({ id, name, keys }) => (
                <div key={id}>
                  <dt>
                    <Keys keys={keys?.[0] ?? ""} />
                  </dt>
                  <dd>{BOTH[id] ?? (typeof name === "string" ? name : id)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3 className="h">Hands and keys</h3>
          <dl>
            {HANDS.map(([key, words]) => (
              <div key={key}>
                <dt>
                  <ShortcutKey>{key}</ShortcutKey>
                </dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Modal>
  );
}
