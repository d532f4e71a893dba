import { memo } from "react";
import type { Run } from "@/api/models";
import { called } from "@/api/people";
import { Check } from "@/ui/Check";
import { Chip } from "@/ui/Chip";
import { runLook } from "@/ui/states";
import { Cell, Row } from "@/ui/Table";
import { TimeAgo } from "@/ui/TimeAgo";
import { money } from "@/ui/time";

type Props = {
  run: Run;
  open: boolean;
  picked: boolean;
  onOpen: (id: string) => void;
  onPick: ((id: string, picked: boolean) => void) | null;
};

/** One run of the list. */
export const RunRow = memo(function RunRow({ run, open, picked, onOpen, onPick }: Props) {
  const look = runLook(run.status, run.state);
  const bad = run.status === "failed";
  return (
    <Row className="run-grid run-row" on={open || picked} onOpen={() => onOpen(run.id)}>
      <Cell>
        {onPick ? (
          <Check
            label={`Select the run of ${called(run.customer)}`}
            on={picked}
            onChange={(on) => onPick(run.id, on)}
          />
        ) : null}
      </Cell>
      <Cell>
        <Chip state={look.state}>{look.word}</Chip>
      </Cell>
      <Cell className="cut">
        <div className="cut strong">{called(run.customer)}</div>
        {run.customer.email && run.customer.email !== called(run.customer) ? (
          <div className="cut say t3">{run.customer.email}</div>
        ) : null}
      </Cell>
      <Cell className="cut">
        <div className="cut">{run.flow.name}</div>
        <div className="cut say t3">v{run.version}</div>
      </Cell>
      <Cell className="cut">
        <div className="cut">{run.node?.name ?? "–"}</div>
        <div className={`cut say ${bad ? "is-failed" : "t2"}`} title={run.sentence}>
          {withoutNode(run)}
        </div>
      </Cell>
      <Cell className="num t2">{run.steps}</Cell>
      <Cell className={run.cost ? "num" : "num t3"}>{money(run.cost)}</Cell>
      <Cell className="num t3">
        <TimeAgo at={run.started_at} />
      </Cell>
    </Row>
  );
});

/** The sentence of now without the node's name, which stands above it. */
export function withoutNode(run: Pick<Run, "node" | "sentence">): string {
  const head = `${run.node?.name ?? ""}: `;
  return run.sentence.startsWith(head) ? run.sentence.slice(head.length) : run.sentence;
}
