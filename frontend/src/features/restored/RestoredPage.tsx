import "./restored.css";
import { IconDatabaseImport } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api/client";
import type { Restored } from "@/api/models";
import { useMay } from "@/api/session";
import { QueryBanner } from "@/ui/Banner";
import { Confirm } from "@/ui/Confirm";
import { EmptyState } from "@/ui/EmptyState";
import { SkeletonRows } from "@/ui/Skeleton";
import { Cell, Note, Row, Table } from "@/ui/Table";
import { Clock } from "@/ui/TimeAgo";
import { Topbar } from "@/ui/Topbar";
import { count } from "@/ui/time";

type Choice = "done" | "again";

const states: Record<Restored["doubts"][number]["state"], string> = {
  accepted: "Sent",
  sending: "Was under way",
  unknown: "Answer lost",
};

const heads = [
  { key: "at", name: "When" },
  { key: "step", name: "Step" },
  { key: "customer", name: "Customer" },
  { key: "state", name: "What is known" },
];

const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** After a restore: what may have been sent since the backup was taken, and the decision that lets the engines go. */
export function RestoredPage() {
  const may = useMay("admin");
  const client = useQueryClient();
  const [asked, setAsked] = useState<Choice | null>(null);
  const restored = useQuery({
    queryKey: ["restored"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/restored/", { signal })),
  });
  const decide = useMutation({
    mutationFn: (choice: Choice) => answer(api.POST("/api/v1/restored/", { body: { choice } })),
    onSuccess: (now) => {
      client.setQueryData(["restored"], now);
      void client.invalidateQueries({ queryKey: ["me"] });
    },
  });
  const { data } = restored;
  return (
    <>
      <Topbar title="After a restore" />
      <div className="main">
        <main className="page">
          <QueryBanner error={restored.error} since={restored.dataUpdatedAt} retry={() => void restored.refetch()} />
          {data?.held ? <Head restored={data} may={may} onChoose={setAsked} /> : null}
          {!data ? (
            <SkeletonRows className="g-restored" cells={4} rows={6} />
          ) : data.held ? (
            <Doubts restored={data} />
          ) : (
            <Nothing />
          )}
        </main>
      </div>
      {asked && data ? (
        <Confirm
          title={asked === "done" ? "Take them for sent?" : "Send them again?"}
          verb={asked === "done" ? "Take them for sent" : "Send them again"}
          act={() => decide.mutateAsync(asked)}
          onClose={() => setAsked(null)}
        >
          {asked === "done"
            ? "Messages and calls on this list are not made a second time; their runs go on behind them. Everything else starts to move."
            : `${effects(data.count)} may reach people and vendors a second time. Everything starts to move.`}
        </Confirm>
      ) : null}
    </>
  );
}

const effects = (many: number) => (many === 1 ? "1 effect" : `${count(many)} effects`);

type HeadProps = { restored: Restored; may: boolean; onChoose: (choice: Choice) => void };

function Head({ restored, may, onChoose }: HeadProps) {
  const taken = restored.taken_at ? date.format(new Date(restored.taken_at)) : "";
  const back = restored.restored_at ? date.format(new Date(restored.restored_at)) : "";
  return (
    <section className="restored" aria-label="The decision">
      <div className="grow">
        <h2>Nothing moves until you decide</h2>
        <p className="t2">
          The backup of {taken} was restored on {back}.{" "}
          {restored.count
            ? `${effects(restored.count)} left this house in between, or may have. The database does not remember them any more.`
            : "Nothing that left this house in between is on record."}{" "}
          {restored.complete
            ? ""
            : "The replaced database could not be read, so more may have been sent than is listed here."}
        </p>
        {may ? null : <p className="t2">An admin of the workspace decides.</p>}
      </div>
      {may ? (
        <div className="restored-acts">
          <button type="button" className="btn btn-line" onClick={() => onChoose("again")}>
            Send again
          </button>
          <button type="button" className="btn btn-ink" onClick={() => onChoose("done")}>
            Take for sent
          </button>
        </div>
      ) : null}
    </section>
  );
}

function Doubts({ restored }: { restored: Restored }) {
  const more = restored.count - restored.doubts.length;
  return (
    <Table label="What may have been sent" grid="g-restored" heads={heads}>
      {restored.doubts.map((doubt) => (
        <Row key={doubt.id} className="g-restored">
          <Cell>
            <Clock at={doubt.at} />
          </Cell>
          <Cell className="cut">
            <span className="strong">{doubt.node_name}</span> <span className="t3">{doubt.flow_name}</span>
          </Cell>
          <Cell className="cut">{doubt.customer_name}</Cell>
          <Cell>{states[doubt.state]}</Cell>
        </Row>
      ))}
      {restored.count === 0 ? <Note>Nothing is in doubt.</Note> : null}
      {more > 0 ? <Note>And {count(more)} earlier ones.</Note> : null}
    </Table>
  );
}

function Nothing() {
  return (
    <EmptyState icon={<IconDatabaseImport className="i" />} title="Nothing is held">
      No restored backup waits for a decision.
    </EmptyState>
  );
}
