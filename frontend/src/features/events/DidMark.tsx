import { IconBan, IconDoorExit, IconFlag, IconHistory, IconMinus, IconSchema } from "@tabler/icons-react";
import { StateGlyph } from "@/ui/glyphs";
import type { Did } from "./did";

const tone: Record<Did["kind"], string> = {
  started: "is-running",
  goal: "is-succeeded",
  left: "t2",
  woke: "is-waiting",
  refused: "t2",
  nothing: "t3",
  rejected: "is-failed",
  late: "is-waiting",
  pending: "t3",
};

/** One thing an event did, as glyph and words. */
export function DidMark({ did, more = 0 }: { did: Did; more?: number }) {
  return (
    <span className={`did ${tone[did.kind]}`} title={did.text}>
      <Glyph kind={did.kind} />
      <span className="cut">{did.text}</span>
      {more ? <span className="t3">+{more}</span> : null}
    </span>
  );
}

function Glyph({ kind }: { kind: Did["kind"] }) {
  if (kind === "started") return <IconSchema className="i i12" />;
  if (kind === "goal") return <IconFlag className="i i12" />;
  if (kind === "left") return <IconDoorExit className="i i12" />;
  if (kind === "woke") return <StateGlyph state="waiting" />;
  if (kind === "rejected") return <StateGlyph state="failed" />;
  if (kind === "refused") return <IconBan className="i i12" />;
  if (kind === "late") return <IconHistory className="i i12" />;
  if (kind === "pending") return <StateGlyph state="running" />;
  return <IconMinus className="i i12" />;
}
