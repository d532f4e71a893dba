import { IconSend2 } from "@tabler/icons-react";
import { Link } from "react-router";
import { SIGNED_UP, type SignedUp, useSignUp } from "./signups";

/** The button that lets somebody invented sign up, and what came of it. */
export function SignUpNow() {
  const send = useSignUp();
  return (
    <>
      <button
        type="button"
        className="btn btn-ink sign-up-now"
        disabled={send.isPending}
        aria-busy={send.isPending}
        onClick={() => send.mutate()}
      >
        <IconSend2 className="i i14" />
        {send.isPending ? "Sending…" : send.data ? "Send another" : "Send a sign-up now"}
      </button>
      <div className="signed-up" role="status">
        {send.error ? <p className="is-failed">{send.error.message}</p> : null}
        {send.data && !send.isPending ? <Became {...send.data} /> : null}
      </div>
    </>
  );
}

function Became({ person, event }: SignedUp) {
  const started = event?.outcome.find((part) => part.run);
  const refused = event?.outcome.find((part) => part.refused);
  return (
    <>
      <p>
        <b>
          {person.given} {person.family}
        </b>{" "}
        of {person.company} signed up.
      </p>
      {started ? (
        <p>
          <Link className="link" to={`/flows/${started.flow}?mode=live&run=${started.run}`}>
            Watch them in {started.flow_name ?? "the flow"}
          </Link>
        </p>
      ) : (
        <p>{event ? unused(event.problem, refused) : "The event has arrived. The engine has not got to it yet."}</p>
      )}
    </>
  );
}

function unused(problem: string, refused: { flow_name?: string; refused?: string } | undefined): string {
  if (problem) return problem;
  if (refused) return `${refused.flow_name ?? "A flow"} did not let them in: ${refused.refused}`;
  return `No live flow begins with “${SIGNED_UP}” now. Publish one, then send another.`;
}
