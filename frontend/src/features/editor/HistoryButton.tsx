/** All steps since the flow was opened, by name: press one to go to how it was after it. */

import { Popover } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { labels, standing } from "@/graph/history";
import { useEditor, useEditorStore } from "./store";

function List() {
  const editor = useEditorStore();
  const history = useEditor((state) => state.history);
  const steps = ["Opened", ...labels(history)];
  const now = standing(history);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.querySelector<HTMLElement>(`[data-step="${now}"]`)?.focus();
  }, [now]);
  return (
    <ol
      className="history"
      ref={list}
      onKeyDown={(event) => {
        const step = event.key === "ArrowDown" ? -1 : event.key === "ArrowUp" ? 1 : 0;
        if (!step) return;
        event.preventDefault();
        editor.goTo(now + step);
      }}
    >
      {steps
        .map((label, at) => ({ label, at }))
        .reverse()
        .map(({ label, at }) => (
          <li key={at}>
            <button
              type="button"
              className={at === now ? "now" : at > now ? "undone" : ""}
              aria-current={at === now ? "step" : undefined}
              tabIndex={at === now ? 0 : -1}
              data-step={at}
              data-testid={`step-${at}`}
              onClick={() => editor.goTo(at)}
            >
              <i aria-hidden="true" />
              <span className="cut">{label}</span>
              {at > now ? <span className="t3">undone</span> : null}
            </button>
          </li>
        ))}
    </ol>
  );
}

export function HistoryButton() {
  const editor = useEditorStore();
  const opened = useEditor((state) => state.historyOpen);
  return (
    <Popover
      opened={opened}
      onChange={(historyOpen) => editor.setState({ historyOpen })}
      position="bottom-end"
      width={280}
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <button
          type="button"
          className="icon-btn"
          aria-label="All steps so far"
          title="All steps so far  H"
          onClick={() => editor.setState({ historyOpen: !opened })}
          data-testid="history"
        >
          <IconHistory className="i" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="history-box" aria-label="All steps so far">
        {opened ? <List /> : null}
      </Popover.Dropdown>
    </Popover>
  );
}
