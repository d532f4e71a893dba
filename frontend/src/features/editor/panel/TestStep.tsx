/** One real call of this step, for nobody's run; its answer's values can be taken along into later steps. */

import { IconCheck, IconCopy, IconFlask } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "@/api/http";
import type { Trial } from "@/api/models";
import type { NodeType } from "@/graph/catalogue";
import type { GraphNode } from "@/graph/document";
import { StateGlyph } from "@/ui/glyphs";
import { JsonView } from "@/ui/JsonView";
import { duration, money } from "@/ui/time";
import { AsCustomer } from "../forms/AsCustomer";
import { usePreviewAs } from "../forms/previewAs";
import { graphOf, useEditor } from "../store";
import { leavesOf } from "./leaves";

/** What is about to happen, said before it does. */
function warning(type: NodeType): string {
  if (type.effect === "person") return "One message goes out, to your own address.";
  const paid = type.price > 0 ? ` It costs ${money(type.price)}.` : "";
  return `${type.vendor?.name ?? "The address"} is called once, for real, or its stand-in while it is not connected.${paid}`;
}

export function TestStep({ flow, node, type }: { flow: string; node: GraphNode; type: NodeType }) {
  const graph = useEditor(graphOf);
  const person = usePreviewAs();
  const [open, setOpen] = useState(false);
  const trial = useMutation({
    mutationFn: () =>
      post<Trial>(`flows/${flow}/test-step/`, { node: node.id, graph, ...(person.id && { customer: person.id }) }),
  });
  if (!open) {
    return (
      <button
        type="button"
        className="btn btn-line btn-sm test-open"
        onClick={() => setOpen(true)}
        data-testid="test-step"
      >
        <IconFlask className="i i14" /> Test this step
      </button>
    );
  }
  return (
    <section className="test-step form" aria-label="Test this step">
      <h3 className="h">Test this step</h3>
      <AsCustomer newest="" />
      <p className="t3 s12">{warning(type)}</p>
      <div className="row">
        <button
          type="button"
          className="btn btn-ink btn-sm"
          disabled={trial.isPending}
          onClick={() => trial.mutate()}
          data-testid="test-run"
        >
          {trial.isPending ? "Calling …" : trial.data ? "Call again" : "Call it"}
        </button>
        <button type="button" className="btn btn-quiet btn-sm" onClick={() => setOpen(false)}>
          Close
        </button>
      </div>
      {trial.error ? (
        <p className="call bad" role="alert">
          {trial.error.message}
        </p>
      ) : null}
      {trial.data ? <Told trial={trial.data} node={node.id} /> : null}
    </section>
  );
}

function Told({ trial, node }: { trial: Trial; node: string }) {
  const leaves = trial.ok ? leavesOf(node, trial.output) : [];
  return (
    <div className="test-told" data-testid="test-told" aria-live="polite">
      <p className={trial.ok ? "row is-succeeded" : "row is-failed"}>
        <StateGlyph state={trial.ok ? "succeeded" : "failed"} />
        <span>
          {trial.message || (trial.ok ? "It answered" : "It failed")}
          {trial.status ? ` (${trial.status})` : ""}
        </span>
        {trial.sandbox ? <span className="tag sandbox">Sandbox</span> : null}
        <span className="t3 push">
          {duration(trial.took_ms)}
          {trial.cost ? `, ${money(trial.cost)}` : ""}
        </span>
      </p>
      {leaves.length ? (
        <>
          <div className="h">Take a value along</div>
          <ul className="test-leaves">
            {leaves.map(({ path, value }) => (
              <li key={path}>
                <Take path={path} shown={value === null ? "nothing" : String(value)} node={node} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <div className="h">Input</div>
      <JsonView value={trial.input} label="Input" open={1} />
      {trial.ok ? (
        <>
          <div className="h">Output</div>
          <JsonView value={trial.output} label="Output" open={1} />
        </>
      ) : null}
    </div>
  );
}

function Take({ path, shown, node }: { path: string; shown: string; node: string }) {
  const [taken, setTaken] = useState(false);
  const text = `{{ ${path} }}`;
  return (
    <button
      type="button"
      title={`Copy ${text}`}
      onClick={() => {
        void navigator.clipboard?.writeText(text).then(() => {
          setTaken(true);
          setTimeout(() => setTaken(false), 1_500);
        });
      }}
    >
      <span className="cut mono">{path.slice(`steps.${node}.output`.length + 1) || "output"}</span>
      <span className="cut t3">{shown}</span>
      {taken ? <IconCheck className="i i12" aria-label="Copied" /> : <IconCopy className="i i12" aria-label="Copy" />}
    </button>
  );
}
