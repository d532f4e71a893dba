import "./outbox.css";
import { IconMail } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { Link, useSearchParams } from "react-router";
import { get } from "@/api/http";
import type { Mail } from "@/api/models";
import { usePages } from "@/api/pages";
import { QueryBanner } from "@/ui/Banner";
import { EmptyState } from "@/ui/EmptyState";
import { StateGlyph } from "@/ui/glyphs";
import { More } from "@/ui/More";
import { activityViews, ViewLinks } from "@/ui/Segments";
import { TimeAgo } from "@/ui/TimeAgo";
import { Topbar } from "@/ui/Topbar";
import { Letter } from "./Letter";
import { left } from "./left";
import { Story } from "./Story";

/** The letters that flows wrote: what people got, and why. */
export function OutboxPage() {
  const [params, setParams] = useSearchParams();
  const mails = usePages<Mail>("outbox/", {}, 5_000);
  const wanted = params.get("mail");
  const open = useCallback((id: string) => setParams({ mail: id }), [setParams]);
  const listed = wanted ? mails.rows?.find((mail) => mail.id === wanted) : mails.rows?.[0];
  const other = useQuery({
    queryKey: ["mail", wanted],
    queryFn: ({ signal }) => get<Mail>(`outbox/${wanted}/`, undefined, signal),
    enabled: wanted !== null && mails.rows !== undefined && !listed,
  });
  const mail = listed ?? (other.data?.id === wanted ? other.data : undefined);

  return (
    <>
      <Topbar title="Outbox" middle={<ViewLinks label="Activity" views={activityViews} />} />
      <div className="main">
        {mails.rows?.length === 0 ? (
          <main className="page paper">
            <EmptyState
              kind="message"
              icon={<IconMail className="i i18" />}
              title="Nothing has been sent yet"
              actions={
                <Link className="btn btn-line" to="/">
                  To the flows
                </Link>
              }
            >
              Letters show here as people got them, each with the run that wrote it. Without a mail relay they stay here
              and reach nobody.
            </EmptyState>
          </main>
        ) : (
          <>
            <nav className="ob-list" aria-label="Letters">
              <QueryBanner error={mails.error} since={mails.since} retry={mails.refetch} />
              <ol>
                {mails.rows?.map((each) => (
                  <li key={each.id} className={each.id === mail?.id ? "on" : undefined}>
                    <StateGlyph state={each.delivered_by === "outbox" ? "draft" : "succeeded"} />
                    <button
                      type="button"
                      className="cut"
                      aria-current={each.id === mail?.id}
                      onClick={() => open(each.id)}
                    >
                      <b className="cut">{each.to}</b>
                    </button>
                    <TimeAgo at={each.sent_at} />
                    <p className="cut">“{each.subject}”</p>
                    <p className="cut">
                      {left(each)}
                      {each.flow ? ` · ${each.flow.name}` : ""}
                    </p>
                  </li>
                ))}
              </ol>
              <More has={mails.has} busy={mails.busy} load={mails.more} />
            </nav>
            <main className="ob-view">{mail ? <Letter key={mail.id} mail={mail} /> : null}</main>
            {mail ? <Story mail={mail} /> : null}
          </>
        )}
      </div>
    </>
  );
}
