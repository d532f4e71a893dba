import { useState } from "react";
import type { Mail } from "@/api/models";
import { Segments } from "@/ui/Segments";
import { Clock } from "@/ui/TimeAgo";

type View = "both" | "desktop" | "phone" | "text" | "source";

const views = [
  { value: "both", name: "Both" },
  { value: "desktop", name: "Desktop" },
  { value: "phone", name: "Phone" },
  { value: "text", name: "Text" },
  { value: "source", name: "Source" },
] as const;

/**
 * A letter as it was sent. Its HTML is somebody else's text: it is shown in a frame of no origin, without scripts,
 * forms or pop-ups, and stays light, as most mailboxes show it.
 */
export function Letter({ mail }: { mail: Mail }) {
  const [view, setView] = useState<View>(mail.html ? "both" : "text");
  return (
    <>
      <div className="toolbar">
        <span className="strong cut">“{mail.subject}”</span>
        <span className="t3 s12">
          as written, <Clock at={mail.sent_at} />
        </span>
        <span className="push" />
        <Segments label="View" value={view} choices={views} onChange={setView} />
      </div>
      <div className={`ob-stage ${view}`} data-theme="light">
        {view === "both" || view === "desktop" ? (
          <article className="device" aria-label="On a desktop">
            <div className="mh">
              <b>{mail.subject}</b>
              <div className="row">
                <span className="t2 cut">{mail.sender}</span>
                <span className="push t3">
                  <Clock at={mail.sent_at} />
                </span>
              </div>
              <div className="t3 cut">to {mail.to}</div>
            </div>
            <Frame mail={mail} title="The letter on a desktop" />
          </article>
        ) : null}
        {view === "both" || view === "phone" ? (
          <div className="phone">
            <div className="scr">
              <div className="phone-head">
                <b className="cut">{mail.subject}</b>
                <span className="t3 cut">{mail.sender}</span>
              </div>
              <Frame mail={mail} title="The letter on a phone" />
            </div>
          </div>
        ) : null}
        {view === "text" ? <pre className="device plain">{mail.text || "This letter has no text part."}</pre> : null}
        {view === "source" ? (
          <pre className="device plain mono">{mail.html || "This letter has no HTML part."}</pre>
        ) : null}
      </div>
    </>
  );
}

function Frame({ mail, title }: { mail: Mail; title: string }) {
  return (
    <iframe
      className="letter-frame"
      sandbox=""
      referrerPolicy="no-referrer"
      src={`/api/v1/outbox/${mail.id}/html/`}
      title={title}
    />
  );
}
