import { useQuery } from "@tanstack/react-query";
import type { Version } from "@/api/models";
import { Avatar } from "@/ui/Avatar";
import { StateGlyph } from "@/ui/glyphs";
import { TimeAgo } from "@/ui/TimeAgo";
import { diffQuery } from "./data";

interface Props {
  version: Version;
  live: boolean;
  on: boolean;
  onChoose: (number: number) => void;
}

/** One version: who made it, when, their note, and what it changed in a sentence. */
export function VersionRow({ version, live, on, onChoose }: Props) {
  const { number, published_by: by, published_at: at, note } = version;
  const { data } = useQuery({ ...diffQuery(version.flow, number, ""), retry: false });
  const who = by ? by.name || by.email : "An API key";
  return (
    <li>
      <button
        type="button"
        className={on ? "version on" : "version"}
        aria-pressed={on}
        onClick={() => onChoose(number)}
        data-testid={`version-${number}`}
      >
        <span className="row">
          <b>v{number}</b>
          {live ? (
            <span className="chip is-running">
              <StateGlyph state="running" /> In force
            </span>
          ) : null}
          <span className="push t3 s12">
            <TimeAgo at={at} />
          </span>
        </span>
        {note ? <span className="note-line">{note}</span> : null}
        <span className="t2 s12">{number === 1 ? "The first version." : (data?.sentence ?? "…")}</span>
        <span className="row t3 s12">
          <Avatar name={who} size={16} />
          <span className="cut">{who}</span>
        </span>
      </button>
    </li>
  );
}
