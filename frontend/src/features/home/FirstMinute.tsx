import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { useMay } from "@/api/session";
import { Snippets } from "@/ui/Snippets";
import { WriteKey } from "./WriteKey";

const HIDDEN = "flowstudio-first-minute-hidden";

/** The steps from an empty workspace to a customer on the canvas. */
export function FirstMinute() {
  const admin = useMay("admin");
  const client = useQueryClient();
  const [hidden, setHidden] = useState(() => localStorage.getItem(HIDDEN) === "1");
  const [key, setKey] = useState("");
  const { data } = useQuery({
    queryKey: ["first-event"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/events/", { params: { query: { limit: 1 } }, signal })),
    refetchInterval: 3_000,
    enabled: !hidden,
  });
  const arrived = data?.results.length ?? 0;
  useEffect(() => {
    if (arrived > 0) void client.invalidateQueries({ queryKey: ["home"] });
  }, [arrived, client]);
  if (hidden) return null;
  const hide = () => {
    localStorage.setItem(HIDDEN, "1");
    setHidden(true);
  };
  return (
    <aside className="panel first-minute" aria-label="The first minute">
      <header>
        <div className="row">
          <h2>The first minute</h2>
        </div>
      </header>
      <ol className="todo">
        <li className="now">
          <span className="n">1</span>
          <b>Open the onboarding unit</b>
          <p>It comes as a draft of your own. Its vendors answer from the sandbox.</p>
        </li>
        <li>
          <span className="n">2</span>
          <b>Publish it</b>
          <p>What is wrong is named where it is. From then on each “Signed Up” starts a run.</p>
        </li>
        <li>
          <span className="n">3</span>
          <b>Send your own events</b>
          <p>From the Segment client you have: change one host name.</p>
          <Snippets writeKey={key} />
          {admin ? <WriteKey value={key} onMade={setKey} /> : <p>Ask an admin for a write key.</p>}
          <div className="row listening">
            <span className="live">{arrived ? "Events arrive" : "Listening for the first event"}</span>
            {arrived ? (
              <Link className="push link" to="/events">
                See them
              </Link>
            ) : null}
          </div>
        </li>
        <li>
          <span className="n">4</span>
          <b>Bring a vendor</b>
          <p>
            Put in a key for Clearbit, Datayze or Slack.{" "}
            <Link className="link" to="/connectors">
              Connectors
            </Link>
          </p>
        </li>
      </ol>
      <footer>
        <span className="push" />
        <button type="button" className="btn btn-quiet btn-sm" onClick={hide}>
          Hide it
        </button>
      </footer>
    </aside>
  );
}
