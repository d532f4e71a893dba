import { IconFlask, IconHome } from "@tabler/icons-react";
import type { Connector } from "@/api/models";
import { StateGlyph } from "@/ui/glyphs";

/** How a connector is connected here, as glyph and word. */
export function Mode({ connector }: { connector: Connector }) {
  const last = connector.credentials.at(-1);
  if (connector.mode === "connected") {
    return (
      <span className="cred is-succeeded">
        <StateGlyph state="succeeded" />
        <span className="cut">{last?.hint ? `Key ends in ${last.hint}` : "Connected"}</span>
      </span>
    );
  }
  if (connector.mode === "sandbox") {
    return (
      <span className="cred t2">
        <IconFlask className="i i14" />
        Sandbox
      </span>
    );
  }
  if (connector.mode === "builtin") {
    return (
      <span className="cred t2">
        <IconHome className="i i14" />
        Built in
      </span>
    );
  }
  return (
    <span className="cred is-draft">
      <StateGlyph state="draft" />
      Needs a credential
    </span>
  );
}
