import { IconBolt } from "@tabler/icons-react";
import { Link } from "react-router";
import type { EventRow } from "@/api/models";
import { called } from "@/api/people";
import { JsonView } from "@/ui/JsonView";
import { Panel } from "@/ui/Panel";
import { Clock } from "@/ui/TimeAgo";
import { duration } from "@/ui/time";
import { DidMark } from "./DidMark";
import { deeds } from "./did";

/** One event at the side: when, from where, what it did, and itself. */
export function EventPanel({ event, onClose }: { event: EventRow; onClose: () => void }) {
  const lag = Date.parse(event.received_at) - Date.parse(event.occurred_at);
  return (
    <Panel
      label="Event"
      mark={
        <span className="tile k-trigger">
          <IconBolt className="i" />
        </span>
      }
      title={event.name}
      sub={
        event.customer ? (
          <Link className="link" to={`/customers/${event.customer.id}`}>
            {called(event.customer)}
          </Link>
        ) : (
          event.user_id || event.anonymous_id || "nobody it could be tied to"
        )
      }
      onClose={onClose}
    >
      <dl className="facts">
        <div>
          <dt>Occurred</dt>
          <dd>
            <Clock at={event.occurred_at} />
          </dd>
        </div>
        <div>
          <dt>Received</dt>
          <dd>{lag >= 0 ? `${duration(lag)} later` : <Clock at={event.received_at} />}</dd>
        </div>
        <div>
          <dt>Source</dt>
          <dd className="cut">{event.source || "–"}</dd>
        </div>
      </dl>
      <section>
        <div className="h did-head">What it did</div>
        <ul className="dids">
          {deeds(event).map((did) => (
            <li key={did.text + (did.run ?? "")} className="row">
              <DidMark did={did} />
              {did.run ? (
                <Link className="link s12 push" to={`/runs?run=${did.run}`}>
                  Watch
                </Link>
              ) : null}
            </li>
          ))}
        </ul>
        {event.conflicts ? (
          <p className="call">
            <span>
              The same message id came {event.conflicts} more {event.conflicts === 1 ? "time" : "times"} with another
              content. The first one counts.
            </span>
          </p>
        ) : null}
        {event.clamped ? (
          <p className="call">
            <span>Its time lay too far in the future, so the time of arrival was taken.</span>
          </p>
        ) : null}
      </section>
      <JsonView value={event.payload} label="Payload" open={3} />
      <dl className="kv">
        <dt>Message id</dt>
        <dd className="mono cut">{event.message_id}</dd>
        <dt>Type</dt>
        <dd>{event.type}</dd>
      </dl>
    </Panel>
  );
}
