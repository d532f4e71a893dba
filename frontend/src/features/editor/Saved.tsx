/** Whether everything is saved, in words. */

import { IconCloud, IconCloudCheck, IconCloudOff, IconCloudUp, IconUsers } from "@tabler/icons-react";
import type { FlowDetail } from "@/api/models";
import type { Saver, SaveState } from "./saver";
import { useEditor } from "./store";

function look(save: SaveState, draft: string) {
  switch (save.kind) {
    case "saved":
      return { Icon: IconCloudCheck, words: `${draft} saved`, tone: "" };
    case "dirty":
      return { Icon: IconCloud, words: "Not saved yet", tone: "" };
    case "saving":
      return { Icon: IconCloudUp, words: "Saving…", tone: "" };
    case "offline":
      return { Icon: IconCloudOff, words: "Offline, kept in this browser", tone: "is-waiting" };
    case "refused":
      return { Icon: IconCloudOff, words: "Not saved", tone: "is-failed" };
    case "conflict":
      return { Icon: IconUsers, words: "Waiting for your choice", tone: "is-waiting" };
  }
}

export function Saved({ flow, saver }: { flow: FlowDetail; saver: Saver }) {
  const save = useEditor((state) => state.save);
  const editable = useEditor((state) => state.editable);
  if (!editable) return null;
  const next = (flow.published_version ?? 0) + 1;
  const { Icon, words, tone } = look(save, `Draft of v${next}`);
  const content = (
    <>
      <Icon className="i i14" aria-hidden="true" />
      <span className="saved-words">{words}</span>
    </>
  );
  if (save.kind === "offline") {
    return (
      <button
        type="button"
        className={`saved ${tone}`}
        title={`${save.message} Press to try now.`}
        onClick={() => void saver.flush()}
        data-testid="save-state"
        data-state={save.kind}
      >
        {content}
      </button>
    );
  }
  return (
    <span className={`saved ${tone}`} role="status" title={words} data-testid="save-state" data-state={save.kind}>
      {content}
    </span>
  );
}
