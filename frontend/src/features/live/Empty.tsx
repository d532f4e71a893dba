import { IconBolt } from "@tabler/icons-react";
import { Link } from "react-router";
import type { FlowDetail } from "@/api/models";
import { useMay } from "@/api/session";
import type { Graph } from "@/graph/document";
import { CopyButton } from "@/ui/JsonView";
import { Snippets } from "@/ui/Snippets";

const CLOSED: Partial<Record<FlowDetail["state"], string>> = {
  closed: "Entry is closed: open it in the flow's menu, and customers come in again.",
  paused: "The flow is paused: resume it in the flow's menu, and customers come in again.",
  draining: "The flow is draining: nobody new comes in.",
  stopped: "The flow is stopped: publish it again, and customers come in.",
  archived: "The flow is archived: nobody comes in.",
};

/** Nobody has come in yet: how to send the first event that this flow waits for. */
export function Empty({ flow, graph, state }: { flow: FlowDetail; graph: Graph; state: FlowDetail["state"] }) {
  const admin = useMay("admin");
  const trigger = graph.nodes.find((node) => node.type.startsWith("trigger."));
  const event = typeof trigger?.config.event === "string" ? trigger.config.event : "";
  const hook = flow.hooks.find((each) => each.node === trigger?.id);
  const closed = CLOSED[state];
  return (
    <div className="live-empty" data-testid="live-empty">
      <span className="tile big k-trigger">
        <IconBolt className="i" />
      </span>
      <h3>Nobody has come in yet</h3>
      {closed ? <p>{closed}</p> : null}
      {!closed && event ? (
        <>
          <p>
            Each “{event}” starts a run, and you see it move here. Send one from your application, or from a terminal:
          </p>
          <Snippets writeKey="" event={event} first="curl" />
          <p>
            {admin ? (
              <>
                The write key is made under{" "}
                <Link className="link" to="/settings#sending">
                  Settings, Sending events
                </Link>
                ; its role is “Ingest”.
              </>
            ) : (
              "Ask an admin of the workspace for a write key."
            )}
          </p>
        </>
      ) : null}
      {!closed && !event && hook ? (
        <>
          <p>Each JSON body posted to the flow's own address starts a run, and you see it move here.</p>
          <div className="row">
            <code className="code grow cut" title={hook.url}>
              {hook.url}
            </code>
            <CopyButton text={hook.url} label="Copy the address" />
          </div>
        </>
      ) : null}
    </div>
  );
}
