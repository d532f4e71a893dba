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

/** Whether the drawing is just what is published: nothing to save, nothing to publish. */
export function useUnchanged(flow: FlowDetail, saver: Saver): boolean {
  const saved = useEditor((state) => state.save.kind === "saved");
  return (
    saved && flow.published_version !== null && !flow.has_unpublished_changes && saver.revision === flow.draft_revision
  );
}

export function Saved({ flow, saver }: { flow: FlowDetail; saver: Saver }) {
  const save = useEditor((state) => state.save);
  const editable = useEditor((state) => state.editable);
  const unchanged = useUnchanged(flow, saver);
  if (!editable) return null;
  const next = (flow.published_version ?? 0) + 1;
  const said = look(save, `Draft of v${next}`);
  const { Icon, tone } = said;
  const words = unchanged ? `No changes since v${flow.published_version}` : said.words;
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
