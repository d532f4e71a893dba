/** How the world answers: the end of each call that was met, and which awaited events come. */

import { Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { seconds } from "@/graph/duration";
import { portsOf } from "@/graph/ports";
import type { Answer, Question, SimulatedStep } from "./question";
import { waitedEvents } from "./reads";

const origins: Record<SimulatedStep["origin"], string> = {
  flow: "as the step itself decides",
  chosen: "as you chose",
  recorded: "as a customer before",
  sample: "as the vendor's sample",
};

interface AnswerProps {
  step: SimulatedStep;
  graph: Graph;
  catalogue: Catalogue;
  answer: Answer | undefined;
  onChange: (answer: Answer | null) => void;
}

/** One call: assumed, or by one of its ways out, or with an output written by hand. */
export function AnswerField({ step, graph, catalogue, answer, onChange }: AnswerProps) {
  const node = graph.nodes.find((each) => each.id === step.node);
  const ports = node ? portsOf(node, catalogue.get(node.type)) : [];
  const value = !answer ? "" : answer.output === undefined ? answer.port : "custom";
  const data = [
    { value: "", label: `Assumed: ${answer ? "recorded or sample" : origins[step.origin]}` },
    ...ports.map((port) => ({ value: port.id, label: port.label || "Done" })),
    { value: "custom", label: "With this output …" },
  ];
  return (
    <div className="form sim-answer">
      <Select
        label="How it ends"
        data={data}
        value={value}
        allowDeselect={false}
        comboboxProps={{ withinPortal: true }}
        data-testid={`sim-answer-${step.node}`}
        onChange={(picked) => {
          if (!picked) onChange(null);
          else if (picked === "custom") onChange({ port: "out", output: step.output ?? {} });
          else onChange({ port: picked });
        }}
      />
      {value === "custom" && answer ? <Output answer={answer} onChange={onChange} /> : null}
    </div>
  );
}

function Output({ answer, onChange }: { answer: Answer; onChange: (answer: Answer) => void }) {
  const [text, setText] = useState(() => JSON.stringify(answer.output, null, 2));
  const [wrong, setWrong] = useState("");
  return (
    <Textarea
      label="Output"
      autosize
      minRows={3}
      maxRows={12}
      value={text}
      error={wrong}
      spellCheck={false}
      classNames={{ input: "mono" }}
      onChange={(event) => {
        setText(event.currentTarget.value);
        try {
          onChange({ ...answer, output: JSON.parse(event.currentTarget.value) });
          setWrong("");
        } catch {
          setWrong('This is no JSON yet: names and texts stand in double quotes, like {"employees": 540}.');
        }
      }}
    />
  );
}

interface EventsProps {
  graph: Graph;
  events: Question["events"];
  onChange: (events: Question["events"]) => void;
}

/** The events that waits look for: none comes unless it is said when. */
export function Awaited({ graph, events, onChange }: EventsProps) {
  const waited = waitedEvents(graph);
  if (!waited.length) return <p className="t3 s12">The flow waits for no event.</p>;
  return (
    <ul className="form sim-awaited">
      {waited.map(({ event }) => (
        <li key={event}>
          <AwaitedField
            event={event}
            after={events[event] ?? ""}
            onChange={(after) => {
              const { [event]: _, ...rest } = events;
              onChange(after ? { ...rest, [event]: after } : rest);
            }}
          />
        </li>
      ))}
    </ul>
  );
}

function AwaitedField({ event, after, onChange }: { event: string; after: string; onChange: (to: string) => void }) {
  const [text, setText] = useState(after);
  const wrong = text.trim() !== "" && seconds(text.trim()) === null;
  return (
    <TextInput
      label={event}
      placeholder="does not come"
      value={text}
      error={wrong ? "A time after the beginning, such as 2d or 3h 30m." : undefined}
      onChange={(typed) => {
        const said = typed.currentTarget.value;
        setText(said);
        if (said.trim() === "" || seconds(said.trim()) !== null) onChange(said.trim());
      }}
    />
  );
}
