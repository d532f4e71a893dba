import { IconActivity, IconAlertTriangle } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import { Link } from "react-router";
import { ApiError } from "@/api/errors";
import type { RunDetail, Step } from "@/api/models";
import { called } from "@/api/people";
import { remedies, useSettle } from "@/api/runs";
import { useMay } from "@/api/session";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { JsonView } from "@/ui/JsonView";
import { Panel } from "@/ui/Panel";
import { Review } from "@/ui/Review";
import { RunAbsent, RunFacts } from "@/ui/RunFacts";
import { plural } from "@/ui/time";
import { RunActions } from "./RunActions";
import { type NodeFace, RunStep } from "./RunStep";

/** How a node of the graph is called and looks in lists. */
export function faceOf(graph: Graph | null, catalogue: Catalogue, id: string): NodeFace {
  const node = graph?.nodes.find((each) => each.id === id);
  const type = node && catalogue.get(node.type);
  return { name: node?.name || type?.name || id, kind: type?.kind ?? "logic", icon: type?.icon ?? "" };
}

/** A failed run that was tried again is another run from there: each names the other. */
function Kin({ run, onOpen }: { run: RunDetail; onOpen: (run: string) => void }) {
  if (!run.retried_as && !run.retry_of) return null;
  return (
    <p className="call calm">
      <span>
        {run.retried_as ? "It was tried again. " : "A failed run goes on here: its finished steps were not run again. "}
        <button
          type="button"
          className="link"
          onClick={() => onOpen(run.retried_as || run.retry_of)}
          data-testid="run-kin"
        >
          {run.retried_as ? "See the run that goes on" : "See the run that failed"}
        </button>
      </span>
    </p>
  );
}

function Event({ run }: { run: RunDetail }) {
  const [open, setOpen] = useState(false);
  if (!run.event) return <p className="t3 s12">The event that started it is older than what is kept.</p>;
  return (
    <section className="started-by">
      <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? "Hide the event that started it" : "Show the event that started it"}
      </button>
      {open ? <JsonView value={run.event.payload} label="Event" open={2} /> : null}
    </section>
  );
}

/** Where its effect is in review, what a person may say about it. */
function ReviewRun({ run }: { run: RunDetail }) {
  const edits = useMay("editor");
  const settle = useSettle();
  return edits && remedies(run).review ? <Review act={(choice) => settle.run(run.id, choice)} /> : null;
}

interface Props {
  run: RunDetail | undefined;
  error: Error | null;
  onOpen: (run: string) => void;
  graph: Graph | null;
  catalogue: Catalogue;
  /** The step that is open, by its id. */
  step: string | null;
  /** A card that was chosen on the canvas and that the run has not been at. */
  missed: string | null;
  onStep: (step: Step) => void;
  onClose: () => void;
}

function Path({
  run,
  graph,
  catalogue,
  step,
  onStep,
}: Pick<Props, "graph" | "catalogue" | "step" | "onStep"> & { run: RunDetail }) {
  const faces = useMemo(() => {
    const known = new Map<string, NodeFace>();
    return (id: string): NodeFace => {
      const face = known.get(id) ?? faceOf(graph, catalogue, id);
      known.set(id, face);
      return face;
    };
  }, [graph, catalogue]);
  const toggle = useCallback((each: Step) => onStep(each), [onStep]);
  return (
    <section>
      <h3 className="h path-head">
        Path<span className="t3">{plural(run.steps.length, "step")}</span>
      </h3>
      <ol className="path live-path">
        {run.steps.map((each, index) => {
          const before = run.steps.slice(0, index).filter((other) => other.node === each.node);
          return (
            <RunStep
              key={each.id}
              step={each}
              nth={before.length + 1}
              again={before.some((other) => other.visit === each.visit)}
              face={faces(each.node)}
              open={each.id === step}
              onToggle={toggle}
            />
          );
        })}
      </ol>
    </section>
  );
}

/** One run beside its way on the canvas: its facts, its steps while they happen, and what can be done. */
export function RunPanel({ run, error, onOpen, graph, catalogue, step, missed, onStep, onClose }: Props) {
  if (error && !run) {
    const gone = error instanceof ApiError && error.status === 404;
    return <RunAbsent gone={gone} wrong={error.message} onClose={onClose} />;
  }
  if (!run) return <RunAbsent gone={false} wrong="" onClose={onClose} />;
  return (
    <Panel
      label="Run"
      testId="run-panel"
      mark={
        <span className="tile k-logic">
          <IconActivity className="i" />
        </span>
      }
      title={
        <Link to={`/customers/${run.customer.id}`} title="The whole journey">
          {called(run.customer)}
        </Link>
      }
      sub={`v${run.version} · ${run.id}`}
      footer={<RunActions key={run.id} run={run} onOpen={onOpen} />}
      onClose={onClose}
    >
      <RunFacts run={run} />
      {run.status === "failed" ? (
        <div className="call bad">
          <IconAlertTriangle className="i i14" />
          <span>{run.sentence}</span>
        </div>
      ) : null}
      <ReviewRun run={run} />
      <Kin run={run} onOpen={onOpen} />
      {missed ? (
        <p className="call calm" role="status">
          {called(run.customer)} has not been at {faceOf(graph, catalogue, missed).name} in this run.
        </p>
      ) : null}
      <Path run={run} graph={graph} catalogue={catalogue} step={step} onStep={onStep} />
      <Event run={run} />
    </Panel>
  );
}
