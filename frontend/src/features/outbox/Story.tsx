import { Link } from "react-router";
import type { Mail } from "@/api/models";
import { called } from "@/api/people";
import { StateGlyph } from "@/ui/glyphs";
import { JsonView } from "@/ui/JsonView";
import { Panel } from "@/ui/Panel";
import { Clock } from "@/ui/TimeAgo";
import { left } from "./left";

/** Why a letter was written, by which run, and how it left. */
export function Story({ mail }: { mail: Mail }) {
  const kept = mail.delivered_by === "outbox";
  return (
    <Panel label="Delivery story" title="Delivery story" width={332}>
      <dl className="kv">
        <dt>Customer</dt>
        <dd className="cut">
          {mail.customer ? (
            <Link className="link" to={`/customers/${mail.customer.id}`}>
              {called(mail.customer)}
            </Link>
          ) : (
            "–"
          )}
        </dd>
        <dt>Written by</dt>
        <dd className="cut">
          {mail.flow ? (
            <Link className="link" to={`/flows/${mail.flow.id}?mode=live${mail.run ? `&run=${mail.run}` : ""}`}>
              {mail.flow.name}
            </Link>
          ) : (
            mail.node || "–"
          )}
        </dd>
        {mail.run ? (
          <>
            <dt>Run</dt>
            <dd>
              <Link className="link" to={`/runs?run=${mail.run}`}>
                Open the run
              </Link>
            </dd>
          </>
        ) : null}
        <dt>From</dt>
        <dd className="cut">{mail.sender}</dd>
        <dt>To</dt>
        <dd className="cut">{mail.to}</dd>
      </dl>
      <section>
        <div className="h story-head">What happened</div>
        <ol className="story">
          <li>
            <StateGlyph state={kept ? "draft" : "succeeded"} />
            <b>{left(mail)}</b>
            <Clock at={mail.sent_at} />
            <p>
              {kept
                ? "No mail server is set up, so e-mails stay in the product. Set FLOWSTUDIO_SMTP_URL to send them."
                : "The relay took it. What the mailbox does after is not known here."}
            </p>
          </li>
        </ol>
      </section>
      {Object.keys(mail.headers).length ? (
        <section>
          <div className="h story-head">Headers</div>
          <JsonView value={mail.headers} label="Headers" />
        </section>
      ) : null}
    </Panel>
  );
}
