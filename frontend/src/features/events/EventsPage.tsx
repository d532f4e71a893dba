import "./events.css";
import { useDebouncedValue } from "@mantine/hooks";
import { IconBolt, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { memo, useCallback, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { useHome } from "@/api/home";
import type { EventRow } from "@/api/models";
import { usePages } from "@/api/pages";
import { called } from "@/api/people";
import { LiveBanner } from "@/live/LiveBanner";
import { LiveMark } from "@/live/LiveMark";
import { useRenewal } from "@/live/useRenewal";
import { QueryBanner } from "@/ui/Banner";
import { EmptyState } from "@/ui/EmptyState";
import { More } from "@/ui/More";
import { SearchField } from "@/ui/SearchField";
import { activityViews, ViewLinks } from "@/ui/Segments";
import { SkeletonRows } from "@/ui/Skeleton";
import { Bars } from "@/ui/Sparkline";
import { Cell, Note, Row, Table } from "@/ui/Table";
import { Clock } from "@/ui/TimeAgo";
import { Topbar } from "@/ui/Topbar";
import { count } from "@/ui/time";
import { DidMark } from "./DidMark";
import { deeds } from "./did";
import { EventPanel } from "./EventPanel";

const statuses = [
  { value: "", name: "Everything" },
  { value: "rejected", name: "Rejected" },
  { value: "too_late", name: "Too late" },
  { value: "pending", name: "On its way" },
] as const;

const heads = [
  { key: "received", name: "Received" },
  { key: "event", name: "Event" },
  { key: "customer", name: "Customer" },
  { key: "did", name: "What it did" },
];

/** What arrived at the door and what each did, rejected ones with the reason. */
export function EventsPage() {
  const [params, setParams] = useSearchParams();
  const [paused, setPaused] = useState(false);
  const status = statuses.find((each) => each.value === params.get("status"))?.value ?? "";
  const search = params.get("q") ?? "";
  const [q] = useDebouncedValue(search.trim(), 250);
  const name = params.get("name") ?? "";
  const opened = params.get("event");
  const home = useHome();
  const events = usePages("events/", { q, name, ...(status && { status }) }, paused ? false : 5_000);
  useRenewal("workspace", paused ? [] : [["list", "events/"]], 1_000);

  const set = useCallback(
    (key: string, value: string | null) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (value) next.set(key, value);
          else next.delete(key);
          return next;
        },
        { replace: key !== "event" },
      ),
    [setParams],
  );
  const open = useCallback((id: string) => set("event", id), [set]);
  const close = useCallback(() => set("event", null), [set]);
  const shown = useOpened(opened, events.rows);
  const names = useMemo(
    () => [...new Set((events.rows ?? []).map((row) => row.name))].sort().slice(0, 14),
    [events.rows],
  );

  return (
    <>
      <Topbar title="Events" middle={<ViewLinks label="Activity" views={activityViews} />} />
      <div className="main">
        <nav className="facets" aria-label="Filters">
          <SearchField value={search} onChange={(value) => set("q", value)} placeholder="Event or id" />
          <h2>What it did</h2>
          <ul>
            {statuses.map((each) => (
              <Facet key={each.value} on={each.value === status} onPick={() => set("status", each.value)}>
                {each.name}
              </Facet>
            ))}
          </ul>
          {names.length ? (
            <>
              <h2>Event</h2>
              <ul>
                {names.map((each) => (
                  <Facet key={each} on={each === name} onPick={() => set("name", each === name ? null : each)}>
                    <IconBolt className="i i14" />
                    <span className="cut">{each}</span>
                  </Facet>
                ))}
              </ul>
            </>
          ) : null}
        </nav>
        <main className="page">
          <LiveBanner />
          <QueryBanner error={events.error} since={events.since} retry={events.refetch} />
          <div className="ev-strip">
            <div>
              {paused ? <span className="t3 s12">Paused</span> : <LiveMark />}
              <div className="big">
                {home.data ? count(home.data.events_per_minute) : "\u2007"}
                <small>a minute</small>
              </div>
            </div>
            {home.data ? <Bars values={home.data.events_minutes} width={430} height={40} /> : null}
            <span className="push" />
            <button type="button" className="btn btn-line" onClick={() => setPaused(!paused)}>
              {paused ? <IconPlayerPlay className="i i14" /> : <IconPlayerPause className="i i14" />}
              {paused ? "Go on" : "Pause"}
            </button>
          </div>
          <Table
            label="Events"
            grid="ev-grid"
            heads={heads}
            busy={!events.rows}
            stale={Boolean(events.error) || events.stale}
          >
            {events.rows || events.error ? null : <SkeletonRows className="grid ev-grid ev-row" cells={4} rows={16} />}
            {events.rows?.map((event) => (
              <EventLine key={event.id} event={event} on={event.id === opened} onOpen={open} />
            ))}
            {events.rows?.length === 0 ? (
              <Note>
                <Nothing filtered={Boolean(q || name || status)} clear={() => setParams({})} />
              </Note>
            ) : null}
            {events.has ? (
              <Note>
                <More has={events.has} busy={events.busy} load={events.more} />
              </Note>
            ) : null}
          </Table>
        </main>
        {shown ? <EventPanel event={shown} onClose={close} /> : null}
      </div>
    </>
  );
}

/** The event that is open at the side: from the list, else asked for by its id. */
function useOpened(id: string | null, rows: readonly EventRow[] | undefined): EventRow | undefined {
  const listed = rows?.find((row) => row.id === id);
  const { data } = useQuery({
    queryKey: ["event", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/events/{event_id}/", { params: { path: { event_id: id ?? "" } }, signal }),
      ) as Promise<EventRow>,
    enabled: id !== null && rows !== undefined && !listed,
  });
  if (id === null) return undefined;
  return listed ?? (data?.id === id ? data : undefined);
}

function Facet({ on, onPick, children }: { on: boolean; onPick: () => void; children: React.ReactNode }) {
  return (
    <li className={on ? "on" : undefined}>
      <button type="button" className="row grow" aria-pressed={on} onClick={onPick}>
        {children}
      </button>
    </li>
  );
}

const EventLine = memo(function EventLine(props: { event: EventRow; on: boolean; onOpen: (id: string) => void }) {
  const { event, on, onOpen } = props;
  const [first, ...others] = deeds(event);
  return (
    <Row className="ev-grid ev-row" on={on} onOpen={() => onOpen(event.id)}>
      <Cell>
        <Clock at={event.received_at} />
      </Cell>
      <Cell className="cut strong">{event.name}</Cell>
      <Cell className="cut t2">
        {event.customer ? called(event.customer) : event.user_id || (event.anonymous_id ? "anonymous" : "–")}
      </Cell>
      <Cell className="cut">{first ? <DidMark did={first} more={others.length} /> : null}</Cell>
    </Row>
  );
});

function Nothing({ filtered, clear }: { filtered: boolean; clear: () => void }) {
  if (filtered) {
    return (
      <EmptyState
        title="No such event"
        actions={
          <button type="button" className="btn btn-line" onClick={clear}>
            Show everything
          </button>
        }
      >
        The filters at the left leave nothing over.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      kind="trigger"
      icon={<IconBolt className="i i18" />}
      title="Nothing has arrived yet"
      actions={
        <Link className="btn btn-ink" to="/settings#sending">
          How to send events
        </Link>
      }
    >
      Point the Segment client you have at this server: one host name and a write key.
    </EmptyState>
  );
}
