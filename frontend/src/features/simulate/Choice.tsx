/** A field of the simulation's bar: what is chosen, and a box in which it is changed. */

import { Popover } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

interface Props {
  label: string;
  icon: ReactNode;
  text: string;
  width: number;
  testId: string;
  children: (close: () => void) => ReactNode;
}

export function Choice({ label, icon, text, width, testId, children }: Props) {
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      width={320}
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <button
          type="button"
          className="field sim-field"
          style={{ width }}
          aria-label={`${label}: ${text}`}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
          data-testid={testId}
        >
          {icon}
          <span className="cut">{text}</span>
          <IconChevronDown className="i i12 caret" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="sim-box" aria-label={label}>
        {opened ? children(close) : null}
      </Popover.Dropdown>
    </Popover>
  );
}
