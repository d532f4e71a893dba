import "./segments.css";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { get } from "@/api/http";
import type { Page, Segment } from "@/api/models";
import { useMe } from "@/api/session";
import { QueryBanner } from "@/ui/Banner";
import { EmptyState } from "@/ui/EmptyState";
import { SkeletonRows } from "@/ui/Skeleton";
import { Cell, Note, Row, Table } from "@/ui/Table";
import { TimeAgo } from "@/ui/TimeAgo";
import { Topbar } from "@/ui/Topbar";
import { count } from "@/ui/time";
import { SegmentPanel } from "./SegmentPanel";

const heads = [
  { key: "name", name: "Segment" },
  { key: "rule", name: "Who is in it" },
  { key: "members", name: "Customers" },
  { key: "flows", name: "Flows" },
  { key: "changed", name: "Changed" },
];

/** Groups of customers by rules, for flows that begin when somebody comes into one or leaves it. */
export function SegmentsPage() {
  const me = useMe();
  const [params, setParams] = useSearchParams();
  const chosen = params.get("segment") ?? "";
  const list = useQuery({
    queryKey: ["segments", "page"],
    queryFn: ({ signal }) => get<Page<Segment>>("segments/", { limit: 200 }, signal),
    // Who is in a new one is being found out.
    refetchInterval: (query) => (query.state.data?.results.some((one) => !one.ready) ? 1_000 : 15_000),
  });
  const rows = list.data ? [...list.data.results].sort((a, b) => a.name.localeCompare(b.name)) : undefined;
  const open = rows?.find((row) => row.id === chosen) ?? null;
  const show = (id: string) => setParams(id ? { segment: id } : {}, { replace: true });
  const may = me.role !== "viewer";
  const make = (
    <button type="button" className="btn btn-ink" onClick={() => show("new")}>
      <IconPlus className="i i14" /> New segment
    </button>
  );
  return (
    <>
      <Topbar title="Segments" actions={may ? make : null} />
      <div className="main">
        <main className="page">
          <QueryBanner error={list.error} since={list.dataUpdatedAt} retry={list.refetch} />
          <Table label="Segments" grid="sg-grid" heads={heads} busy={!rows} stale={Boolean(list.error)}>
            {rows || list.error ? null : <SkeletonRows className="grid sg-grid sg-row" cells={5} rows={6} />}
            {rows?.map((row) => (
              <Row key={row.id} className="sg-grid sg-row" on={row.id === chosen} onOpen={() => show(row.id)}>
                <Cell className="strong cut">{row.name}</Cell>
                <Cell className="t2 cut">{row.words}</Cell>
                <Cell>{row.ready ? count(row.members) : "being found…"}</Cell>
                <Cell className="cut">{row.flows.map((flow) => flow.name).join(", ") || "–"}</Cell>
                <Cell className="t3">
                  <TimeAgo at={row.changed_at} />
                </Cell>
              </Row>
            ))}
            {rows?.length === 0 ? (
              <Note>
                <EmptyState
                  icon={<IconUsersGroup className="i i18" />}
                  kind="data"
                  title="No segment yet"
                  actions={may ? make : null}
                >
                  A segment is a group of customers by rules over their traits and what they did. A flow can begin when
                  somebody comes into one, or run on a schedule for those who are in it.
                </EmptyState>
              </Note>
            ) : null}
          </Table>
        </main>
        {open || (chosen === "new" && may) ? (
          <SegmentPanel
            key={open ? `${open.id} ${open.changed_at}` : "new"}
            segment={open}
            disabled={!may}
            onClose={() => show("")}
            onKept={show}
          />
        ) : null}
      </div>
    </>
  );
}
