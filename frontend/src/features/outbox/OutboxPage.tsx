import "./outbox.css";
import { useDebouncedValue } from "@mantine/hooks";
import { IconMail } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { ApiError } from "@/api/errors";
import { usePages } from "@/api/pages";
import { QueryBanner } from "@/ui/Banner";
import { EmptyState } from "@/ui/EmptyState";
import { StateGlyph } from "@/ui/glyphs";
import { More } from "@/ui/More";
import { SearchField } from "@/ui/SearchField";
import { activityViews, ViewLinks } from "@/ui/Segments";
import { TimeAgo } from "@/ui/TimeAgo";
import { Topbar } from "@/ui/Topbar";
import { Letter } from "./Letter";
import { left } from "./left";
import { Story } from "./Story";

/** The letters that flows wrote: what people got, and why. */
export function OutboxPage() {
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const [q] = useDebouncedValue(search.trim(), 200);
  const mails = usePages("outbox/", { q }, 5_000);
  const wanted = params.get("mail");
  const open = useCallback(
    (id: string) =>
      setParams((before) => {
        const next = new URLSearchParams(before);
        next.set("mail", id);
        return next;
      }),
    [setParams],
  );
  const listed = wanted ? mails.rows?.find((mail) => mail.id === wanted) : mails.rows?.[0];
  const other = useQuery({
    queryKey: ["mail", wanted],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/outbox/{mail_id}/", { params: { path: { mail_id: wanted ?? "" } }, signal })),
    enabled: wanted !== null && mails.rows !== undefined && !listed,
  });
  const mail = listed ?? (other.data?.id === wanted ? other.data : undefined);

  return (
    <>
      <Topbar title="Outbox" middle={<ViewLinks label="Activity" views={activityViews} />} />
      <div className="main">
        {mails.rows?.length === 0 && !q ? (
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
              <div className="bar2">
                <SearchField
                  value={search}
                  onChange={(value) => setParams(value ? { q: value } : {}, { replace: true })}
                  placeholder="Address or subject"
                />
              </div>
              <QueryBanner error={mails.error} since={mails.since} retry={mails.refetch} />
              <ol aria-busy={!mails.rows && !mails.error}>
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
              {mails.rows?.length === 0 ? <p className="t2 none-found">No letter matches “{q}”.</p> : null}
              <More has={mails.has} busy={mails.busy} load={mails.more} />
            </nav>
            <main className="ob-view">
              {mail ? <Letter key={mail.id} mail={mail} /> : null}
              {!mail && other.error ? (
                <EmptyState
                  title="This letter cannot be shown"
                  actions={
                    <Link className="btn btn-line" to="/outbox">
                      Show every letter
                    </Link>
                  }
                >
                  {other.error instanceof ApiError && other.error.status === 404
                    ? "It was deleted, or the address is wrong."
                    : other.error.message}
                </EmptyState>
              ) : null}
            </main>
            {mail ? <Story mail={mail} /> : null}
          </>
        )}
      </div>
    </>
  );
}
