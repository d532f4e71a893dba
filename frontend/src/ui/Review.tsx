import { IconCheck, IconPlayerStop, IconSend } from "@tabler/icons-react";
import { useState } from "react";

type Settlement = "done" | "again" | "end";

type Props = {
  /** How many this is about; with one, nothing is counted. */
  count?: number;
  /** Where, by name. */
  node?: string;
  act: (choice: Settlement) => Promise<unknown>;
};

const WORDS: Record<Settlement, { name: string; help: string }> = {
  done: { name: "It was done: go on", help: "Goes on as if the answer had come. Nothing is sent." },
  again: { name: "It was not done: send again", help: "Sends it once more, with the same idempotency key." },
  end: { name: "End the run", help: "Ends the run here. Nothing more happens in it." },
};
const ICONS = { done: IconCheck, again: IconSend, end: IconPlayerStop } as const;

/** An effect of which nobody knows whether it happened: a person looks it up at the vendor's, and says what they found. */
export function Review({ count = 1, node = "", act }: Props) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const go = async (choice: Settlement) => {
    setBusy(true);
    setWrong("");
    try {
      await act(choice);
    } catch (reason) {
      setWrong(reason instanceof Error ? reason.message : String(reason));
    }
    setBusy(false);
  };
  const many = count > 1;
  return (
    <section className="review" aria-label="Needs review" data-testid="review">
      <p className="strong">{many ? `${count} need review${node ? ` at ${node}` : ""}` : "Needs review"}</p>
      <p className="t2 s12">
        {many ? "The answers were lost after sending" : "The answer was lost after sending"}, so nobody knows whether it
        happened. Look it up where it was sent to, then say what you found.
      </p>
      <div className="review-acts">
        {(["done", "again", "end"] as const).map((choice) => {
          const Icon = ICONS[choice];
          const name = choice === "end" && many ? "End the runs" : WORDS[choice].name;
          return (
            <button
              key={choice}
              type="button"
              className="btn btn-line btn-sm"
              disabled={busy}
              title={WORDS[choice].help}
              onClick={() => void go(choice)}
              data-testid={`review-${choice}`}
            >
              <Icon className="i i14" aria-hidden="true" />
              {name}
            </button>
          );
        })}
      </div>
      {wrong ? (
        <p className="call bad" role="alert">
          {wrong}
        </p>
      ) : null}
    </section>
  );
}
