/** Two people changed the same things: each is shown as both left it, and each goes to one side. The rest is joined. */

import { IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { type Choices, clashKey, type Merged, type Side } from "@/graph/merge";
import type { Saver } from "./saver";
import { useEditor } from "./store";

function first(who: string): string {
  return who.split("@")[0] || who;
}

function Open({ merged, who, saver }: { merged: Merged; who: string; saver: Saver }) {
  const [choices, setChoices] = useState<Choices>({});
  const all = (side: Side) => setChoices(Object.fromEntries(merged.clashes.map((clash) => [clashKey(clash), side])));
  const count = merged.clashes.length;
  return (
    <section className="canvas-ui conflict" role="alert" aria-label="Changes of two people" data-testid="conflict">
      <header>
        <IconUsers className="i is-waiting" aria-hidden="true" />
        <p className="grow">
          <span className="strong">{who} changed the same things as you.</span>{" "}
          <span className="t2">Everything else of both is kept already.</span>
        </p>
      </header>
      <ul>
        {merged.clashes.map((clash) => {
          const key = clashKey(clash);
          const side = choices[key] ?? "mine";
          const choose = (next: Side) => setChoices((before) => ({ ...before, [key]: next }));
          return (
            <li key={key}>
              <fieldset data-testid={`clash-${clash.id}`}>
                <legend className="cut">{clash.label}</legend>
                {(["mine", "theirs"] as const).map((each) => (
                  <label key={each} className={side === each ? "chosen-side" : ""}>
                    <input
                      type="radio"
                      name={key}
                      checked={side === each}
                      onChange={() => choose(each)}
                      data-testid={`${each}-${clash.id}`}
                    />
                    <span>
                      <span className="t3">{each === "mine" ? "You" : first(who)}</span> {clash[each]}
                    </span>
                  </label>
                ))}
              </fieldset>
            </li>
          );
        })}
      </ul>
      <footer>
        {count > 1 ? (
          <>
            <button type="button" className="btn btn-quiet btn-sm" onClick={() => all("mine")}>
              All mine
            </button>
            <button
              type="button"
              className="btn btn-quiet btn-sm"
              onClick={() => all("theirs")}
              data-testid="all-theirs"
            >
              All theirs
            </button>
          </>
        ) : null}
        <span className="push" />
        <button
          type="button"
          className="btn btn-line"
          onClick={() => saver.resolve("theirs")}
          data-testid="take-theirs"
        >
          Take theirs
        </button>
        <button type="button" className="btn btn-ink" onClick={() => saver.resolve(choices)} data-testid="keep-mine">
          {Object.values(choices).includes("theirs") ? "Save this choice" : "Keep mine"}
        </button>
      </footer>
    </section>
  );
}

export function Conflict({ saver }: { saver: Saver }) {
  const save = useEditor((state) => state.save);
  return save.kind === "conflict" ? <Open key={save.who} merged={save.merged} who={save.who} saver={saver} /> : null;
}
