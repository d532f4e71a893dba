import { IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Flow } from "@/api/models";
import { useMay } from "@/api/session";
import { Snippets } from "@/ui/Snippets";
import { SignUpNow } from "./SignUpNow";
import { useWriteKey } from "./signups";
import type { Beginning } from "./useBeginning";
import { WriteKey } from "./WriteKey";

type Props = { beginning: Beginning; flows?: readonly Flow[] };

/** The steps from a fresh workspace to a customer on the canvas, fitting what there is already. */
export function FirstMinute({ beginning, flows = [] }: Props) {
  const { shown, arrived, hide } = beginning;
  const admin = useMay("admin");
  const edits = useMay("editor");
  if (!shown) return null;
  const live = flows.find((flow) => flow.state === "live");
  const steps = live
    ? [...(admin ? [signUp(arrived)] : []), watch(live), own(admin, arrived)]
    : [...(edits ? [publish(flows[0])] : []), ...(flows[0] && admin ? [signUp(arrived)] : []), own(admin, arrived)];
  if (admin) steps.push(vendor);
  const now = steps.findIndex((step) => !step.done);
  return (
    <aside className="panel first-minute" aria-label="The first minute">
      <header>
        <div className="row">
          <h2>The first minute</h2>
        </div>
      </header>
      <ol className="todo">
        {steps.map(({ title, done, body }, index) => (
          <li key={title} className={done ? "done" : index === now ? "now" : undefined}>
            <span className="n">{done ? <IconCheck className="i i12" aria-label="Done:" /> : index + 1}</span>
            <b>{title}</b>
            {body}
          </li>
        ))}
      </ol>
      <footer>
        <span>{live ? "Goes away once events arrive" : ""}</span>
        <span className="push" />
        <button type="button" className="btn btn-quiet btn-sm" onClick={hide}>
          Hide it
        </button>
      </footer>
    </aside>
  );
}

type Todo = { title: string; done?: boolean; body: ReactNode };

const publish = (draft: Flow | undefined): Todo =>
  draft
    ? {
        title: `Publish ${draft.name}`,
        body: (
          <p>
            What is wrong is named where it is. From then on its event starts a run.{" "}
            <Link className="link" to={`/flows/${draft.id}`}>
              Open it
            </Link>
          </p>
        ),
      }
    : {
        title: "Open the onboarding unit and publish it",
        body: (
          <p>
            It comes as a draft of your own, and its vendors answer from the sandbox. Each “Signed Up” starts a run.
          </p>
        ),
      };

const signUp = (arrived: boolean): Todo => ({
  title: "Let somebody sign up",
  done: arrived,
  body: (
    <>
      <p>An invented person at an invented company, sent to this server as your application would send it.</p>
      <SignUpNow />
    </>
  ),
});

const watch = (flow: Flow): Todo => ({
  title: "Watch them travel",
  body: (
    <p>
      {flow.name} is live. Each customer moves on its drawing; click one to see each step and why.{" "}
      <Link className="link" to={`/flows/${flow.id}?mode=live`}>
        Open it live
      </Link>
    </p>
  ),
});

const own = (admin: boolean, arrived: boolean): Todo => ({
  title: "Send your own events",
  body: <OwnEvents admin={admin} arrived={arrived} />,
});

function OwnEvents({ admin, arrived }: { admin: boolean; arrived: boolean }) {
  const { key, make } = useWriteKey();
  return (
    <>
      <p>From the Segment client you have: change one host name.</p>
      <Snippets writeKey={key} />
      {admin ? <WriteKey value={key} make={make} /> : <p>Ask an admin for a write key.</p>}
      <div className="row listening">
        <span className="live">{arrived ? "Events arrive" : "Listening for the first event"}</span>
        {arrived ? (
          <Link className="push link" to="/events">
            See them
          </Link>
        ) : null}
      </div>
    </>
  );
}

const vendor: Todo = {
  title: "Bring a vendor",
  body: (
    <p>
      Put in a key for Clearbit, Datayze or Slack.{" "}
      <Link className="link" to="/connectors">
        Connectors
      </Link>
    </p>
  ),
};
