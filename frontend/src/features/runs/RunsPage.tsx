import "./runs.css";
import { useDebouncedValue } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { usePages } from "@/api/pages";
import { called } from "@/api/people";
import { useMay } from "@/api/session";
import { LiveBanner } from "@/live/LiveBanner";
import { LiveMark } from "@/live/LiveMark";
import { useRenewal } from "@/live/useRenewal";
import { QueryBanner } from "@/ui/Banner";
import { Check } from "@/ui/Check";
import { EmptyState } from "@/ui/EmptyState";
import { More } from "@/ui/More";
import { SearchField } from "@/ui/SearchField";
import { activityViews, ViewLinks } from "@/ui/Segments";
import { SelectField } from "@/ui/SelectField";
import { SkeletonRows } from "@/ui/Skeleton";
import { Note, Table } from "@/ui/Table";
import { Tabs } from "@/ui/Tabs";
import { Topbar } from "@/ui/Topbar";
import { BulkBar } from "./BulkBar";
import { useFlowNames } from "./data";
import { RunPanel } from "./RunPanel";
import { RunRow } from "./RunRow";

const views = [
  { value: "", name: "All" },
  { value: "active", name: "On their way" },
  { value: "waiting", name: "Waiting" },
  { value: "held", name: "Needs review" },
  { value: "failed", name: "Failed" },
  { value: "completed", name: "Completed" },
  { value: "exited", name: "Exited" },
  { value: "cancelled", name: "Cancelled" },
] as const;

type View = (typeof views)[number]["value"];

/** All runs: found by flow, status or customer, judged one by one, mended many at once. */
export function RunsPage() {
  const [params, setParams] = useSearchParams();
  const status = views.find((each) => each.value === params.get("status"))?.value ?? "";
  const flow = params.get("flow") ?? "";
  const customer = params.get("customer") ?? "";
  const search = params.get("q") ?? "";
  const [q] = useDebouncedValue(search.trim(), 200);
  const opened = params.get("run");
  const edits = useMay("editor");
  const names = useFlowNames();
  const runs = usePages("runs/", { flow, customer, q, ...(status && { status }) }, 10_000);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  useRenewal("workspace", [["list", "runs/"]]);

  const set = useCallback(
    (name: string, value: string | null, replace = true) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (value) next.set(name, value);
          else next.delete(name);
          return next;
        },
        { replace },
      ),
    [setParams],
  );
  const open = useCallback((id: string) => set("run", id, false), [set]);
  const close = useCallback(() => set("run", null), [set]);
  const pick = useCallback((id: string, on: boolean) => {
    setPicked((before) => {
      const next = new Set(before);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  const clear = useCallback(() => setPicked(new Set()), []);

  const chosen = useMemo(() => (runs.rows ?? []).filter((run) => picked.has(run.id)), [runs.rows, picked]);
  const rows = runs.rows ?? [];
  const everyone = rows.length > 0 && chosen.length === rows.length;
  const someone = customer ? rows.find((run) => run.customer.id === customer)?.customer : undefined;
  const heads = [
    {
      key: "pick",
      name: edits ? (
        <Check
          label={everyone ? "Select none" : "Select all that are shown"}
          on={everyone}
          mixed={chosen.length > 0 && !everyone}
          onChange={(on) => setPicked(new Set(on ? rows.map((run) => run.id) : []))}
        />
      ) : (
        <span className="sr">Selected</span>
      ),
    },
    { key: "status", name: "Status" },
    { key: "customer", name: "Customer" },
    { key: "flow", name: "Flow" },
    { key: "at", name: "At" },
    { key: "steps", name: "Steps", className: "num" },
    { key: "cost", name: "Cost", className: "num" },
    { key: "started", name: "Started", className: "num" },
  ];
  const filtered = Boolean(flow || customer || status || q);

  return (
    <>
      <Topbar title="Runs" middle={<ViewLinks label="Activity" views={activityViews} />} />
      <div className="main">
        <main className="page relative">
          <LiveBanner />
          <QueryBanner error={runs.error} since={runs.since} retry={runs.refetch} />
          <Tabs
            className="views"
            label="By status"
            value={status}
            choices={views}
            onChange={(value: View) => {
              clear();
              set("status", value);
            }}
          />
          <div className="toolbar">
            <SearchField value={search} onChange={(value) => set("q", value)} placeholder="Customer or run id" />
            <span className="sep" />
            <SelectField
              label="Flow"
              value={flow}
              onChange={(value) => {
                clear();
                set("flow", value);
              }}
              choices={[
                { value: "", name: "Any flow" },
                ...(names.data ?? []).map((each) => ({ value: each.id, name: each.name })),
              ]}
            />
            {customer ? (
              <button type="button" className="fchip on" onClick={() => set("customer", null)}>
                Customer is <b>{someone ? called(someone) : customer}</b>
                <IconX className="i i12" aria-label="Remove this filter" />
              </button>
            ) : null}
            <span className="push" />
            <LiveMark />
          </div>
          <Table label="Runs" grid="run-grid" heads={heads} busy={!runs.rows} stale={Boolean(runs.error) || runs.stale}>
            {runs.rows || runs.error ? null : <SkeletonRows className="grid run-grid run-row" cells={8} rows={14} />}
            {rows.map((run) => (
              <RunRow
                key={run.id}
                run={run}
                open={run.id === opened}
                picked={picked.has(run.id)}
                onOpen={open}
                onPick={edits ? pick : null}
              />
            ))}
            {runs.rows && rows.length === 0 ? (
              filtered ? (
                <Note>
                  <EmptyState
                    title={`No ${views.find((each) => each.value === status && status)?.name.toLowerCase() ?? ""} run here`}
                    actions={
                      <button type="button" className="btn btn-line" onClick={() => setParams({}, { replace: true })}>
                        Show every run
                      </button>
                    }
                  >
                    The filters above leave nothing over.
                  </EmptyState>
                </Note>
              ) : (
                <Note>
                  <EmptyState
                    title="Nobody has travelled yet"
                    actions={
                      <Link className="btn btn-line" to="/">
                        To the flows
                      </Link>
                    }
                  >
                    A run begins when an event arrives that a published flow wants. Publish a flow, then send it a
                    “Signed Up”.
                  </EmptyState>
                </Note>
              )
            ) : null}
            {runs.has ? (
              <Note>
                <More has={runs.has} busy={runs.busy} load={runs.more} />
              </Note>
            ) : null}
          </Table>
          {chosen.length > 0 ? <BulkBar runs={chosen} clear={clear} /> : null}
        </main>
        {opened ? <RunPanel id={opened} onClose={close} /> : null}
      </div>
    </>
  );
}
