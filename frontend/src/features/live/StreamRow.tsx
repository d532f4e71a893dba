import { memo } from "react";
import { called } from "@/api/people";
import { StateGlyph } from "@/ui/glyphs";
import { runLook } from "@/ui/states";
import { useMoment, useNow } from "@/ui/TimeAgo";
import { ago } from "@/ui/time";
import type { Line } from "./data";

function Since({ at }: { at: string }) {
  const text = ago(at, useNow()).replace(/ ago$/, "");
  return (
    <time dateTime={at} title={useMoment(at)}>
      {text}
    </time>
  );
}

/** One run of the stream: who, and the newest sentence about them. */
export const StreamRow = memo(function StreamRow({ line, onOpen }: { line: Line; onOpen: (run: string) => void }) {
  const look = runLook(line.status, line.state);
  const name = called(line.customer);
  return (
    <li>
      <button type="button" data-testid={`run-row-${line.run}`} onClick={() => onOpen(line.run)}>
        <StateGlyph state={look.state} />
        <span className="cut">
          <span className="sr">{look.word}: </span>
          <span className="strong">{name}</span>{" "}
          {line.customer.email && line.customer.email !== name ? (
            <span className="t3">{line.customer.email}</span>
          ) : null}
        </span>
        <Since at={line.at} />
        <span className={line.status === "failed" ? "said cut is-failed" : "said cut"} title={line.sentence}>
          {line.sentence}
        </span>
      </button>
    </li>
  );
});
