import "./side.css";
import "./lanes.css";
import "./log.css";
import { Link, useParams } from "react-router";
import { ApiError } from "@/api/errors";
import type { JourneyItem } from "@/api/models";
import { useNodeLooks } from "@/api/nodes";
import { called } from "@/api/people";
import { LiveBanner } from "@/live/LiveBanner";
import { useRenewal } from "@/live/useRenewal";
import { Banner, QueryBanner } from "@/ui/Banner";
import { Chip } from "@/ui/Chip";
import { NotFound } from "@/ui/NotFound";
import { runLook } from "@/ui/states";
import { Topbar } from "@/ui/Topbar";
import { useJourney } from "./data";
import { Lanes } from "./Lanes";
import { Log } from "./Log";
import { NowCards } from "./NowCards";
import { Side } from "./Side";

type RunItem = Extract<JourneyItem, { kind: "run" }>;
type EventItem = Extract<JourneyItem, { kind: "event" }>;

/** One customer, all flows: who they are, where they are now, and everything that ever happened. */
export function CustomerPage() {
  const { id = "" } = useParams();
  const { data, error, dataUpdatedAt, refetch } = useJourney(id);
  useRenewal(`customer:${id}`, [["journey", id]], 500);
  const items = data?.items ?? [];
  const runs = items.filter((item): item is RunItem => item.kind === "run");
  const events = items.filter((item): item is EventItem => item.kind === "event");
  const look = useNodeLooks(runs.map((item) => item.run));

  if (error instanceof ApiError && error.status === 404) return <NotFound what="customer" />;
  const crumbs = (
    <>
      <Link className="crumb" to="/customers">
        Customers
      </Link>
      <span className="crumb">/</span>
    </>
  );
  return (
    <>
      <Topbar title={data ? called(data.customer) : "Customer"} crumbs={crumbs} beside={<States runs={runs} />} />
      <div className="main">
        {data ? (
          <div className="cust-page">
            <Side customer={data.customer} />
            <main className="page">
              <LiveBanner />
              <QueryBanner error={error} since={dataUpdatedAt} retry={() => void refetch()} />
              {data.truncated ? (
                <Banner calm>Only the newest 500 events and 100 runs are shown here; nothing is lost.</Banner>
              ) : null}
              <NowCards runs={runs} />
              <Lanes events={events} runs={runs} look={look} />
              <Log items={items} look={look} />
            </main>
          </div>
        ) : (
          <main className="page" aria-busy={!error}>
            <QueryBanner error={error} since={0} retry={() => void refetch()} />
          </main>
        )}
      </div>
    </>
  );
}

function States({ runs }: { runs: readonly RunItem[] }) {
  const counts = new Map<string, { look: ReturnType<typeof runLook>; count: number }>();
  for (const { run } of runs) {
    if (run.status !== "active" && run.status !== "paused") continue;
    const look = runLook(run.status, run.state);
    const known = counts.get(look.word);
    if (known) known.count += 1;
    else counts.set(look.word, { look, count: 1 });
  }
  if (counts.size === 0) return null;
  return (
    <>
      <span className="sep" />
      {[...counts.values()].map(({ look, count }) => (
        <Chip key={look.word} state={look.state}>
          {count} {look.word.toLowerCase()}
        </Chip>
      ))}
    </>
  );
}
