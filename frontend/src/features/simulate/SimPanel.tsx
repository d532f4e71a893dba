/** What happened on the way, step by step with its reason, and what was assumed. */

import { IconChevronRight, IconFlask, IconRoute } from "@tabler/icons-react";
import { memo, useEffect, useRef, useState } from "react";
import { called } from "@/api/people";
import { NodeIcon } from "@/canvas/icons";
import type { Catalogue } from "@/graph/catalogue";
import type { Graph } from "@/graph/document";
import { StateGlyph } from "@/ui/glyphs";
import { Panel } from "@/ui/Panel";
import { StepBody } from "@/ui/StepBody";
import { stepLook } from "@/ui/states";
import { Tabs } from "@/ui/Tabs";
import { clock, money, plural } from "@/ui/time";
import { AnswerField, Awaited } from "./Answers";
import { aside, why } from "./path";
import { type Answer, choices, type Question, type SimulatedStep, type Simulation } from "./question";

interface Props {
  made: Simulation;
  stale: boolean;
  at: number;
  onAt: (at: number) => void;
  graph: Graph;
  catalogue: Catalogue;
  question: Question;
  onQuestion: (question: Question) => void;
}

export function SimPanel(props: Props) {
  const { made, stale, graph, question, onQuestion } = props;
  const [tab, setTab] = useState<"path" | "world">("path");
  const chosen = choices(question);
  return (
    <Panel
      label="Simulation"
      testId="sim-panel"
      title={called(made.customer)}
      sub={made.end.sentence}
      mark={
        <span className="tile k-trigger">
          <IconRoute className="i" />
        </span>
      }
      tabs={
        <Tabs
          label="Simulation"
          value={tab}
          choices={[
            { value: "path", name: "Path" },
            { value: "world", name: chosen ? `Assumptions · ${chosen}` : "Assumptions" },
          ]}
          onChange={setTab}
        />
      }
      footer={
        <>
          <IconFlask className="i i14" />
          <span className="cut">
            {made.assumed ? `${plural(made.assumed, "answer")} assumed` : "Nothing is assumed"}
            {made.cost ? `, ${money(made.cost)} if it were real` : ""}
          </span>
        </>
      }
    >
      {tab === "path" ? (
        <ol className={stale ? "sim-path stale" : "sim-path"} aria-label="Steps" aria-busy={stale}>
          {made.steps.map((step, index) => (
            <Item
              key={step.seq}
              step={step}
              index={index}
              open={index === props.at}
              begin={made.at}
              answer={question.answers[step.node]}
              graph={graph}
              catalogue={props.catalogue}
              onAt={props.onAt}
              onAnswer={(answer) => {
                const { [step.node]: _, ...rest } = question.answers;
                onQuestion({ ...question, answers: answer ? { ...rest, [step.node]: answer } : rest });
              }}
            />
          ))}
          {made.goals.map((goal) => (
            <li className="sim-end" key={goal.goal}>
              <span className="tile s k-goal">
                <NodeIcon name="flag" className="i" />
              </span>
              <span>
                {goal.sentence}
                <span className="t3"> {clock(goal.at, Date.parse(made.at))}</span>
              </span>
            </li>
          ))}
          <li className="sim-end">
            <span className="tile s k-exit">
              <NodeIcon name="door-exit" className="i" />
            </span>
            <span>{made.end.sentence}</span>
          </li>
        </ol>
      ) : (
        <World graph={graph} question={question} onQuestion={onQuestion} made={made} />
      )}
    </Panel>
  );
}

interface ItemProps {
  step: SimulatedStep;
  index: number;
  open: boolean;
  begin: string;
  answer: Answer | undefined;
  graph: Graph;
  catalogue: Catalogue;
  onAt: (at: number) => void;
  onAnswer: (answer: Answer | null) => void;
}

const Item = memo(function Item({ step, index, open, begin, answer, graph, catalogue, onAt, onAnswer }: ItemProps) {
  const item = useRef<HTMLLIElement>(null);
  const type = catalogue.get(step.type);
  const bad = step.status === "failed";
  useEffect(() => {
    if (open) item.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  const calls = type !== undefined && type.effect !== "internal" && !type.trigger;
  const said = aside(step, type?.effect ?? "internal");
  return (
    <li ref={item} className={open ? "on" : undefined} data-testid={`sim-step-${step.node}`}>
      <span className={bad ? "tile s bad" : `tile s k-${type?.kind ?? "logic"}`}>
        {bad ? <StateGlyph state="failed" /> : <NodeIcon name={type?.icon ?? ""} className="i" />}
      </span>
      <button type="button" className="step-head sim-step" aria-expanded={open} onClick={() => onAt(index)}>
        <span className="who-row">
          <b className="cut">{step.name}</b>
          {step.visit > 1 ? <span className="tag">{step.visit}. visit</span> : null}
          {said ? <span className="tag">{said}</span> : null}
          <IconChevronRight className="i i12 t3" />
          <span className="r push">{clock(step.entered_at, Date.parse(begin))}</span>
        </span>
        <span className={bad ? "step-said is-failed" : "step-said"}>{why(step) || stepLook(step.status).word}</span>
      </button>
      {open ? (
        <div className="step-open">
          {calls ? (
            <AnswerField step={step} graph={graph} catalogue={catalogue} answer={answer} onChange={onAnswer} />
          ) : null}
          <StepBody step={{ ...step, due_at: null, attempts: [] }} />
        </div>
      ) : null}
    </li>
  );
});

type WorldProps = Pick<Props, "graph" | "question" | "onQuestion" | "made">;

function World({ graph, question, onQuestion, made }: WorldProps) {
  const answers = Object.entries(question.answers);
  const name = (id: string) => graph.nodes.find((node) => node.id === id)?.name || id;
  return (
    <div className="sim-world">
      <section>
        <h3 className="h">Events on the way</h3>
        <p className="t3 s12">How long after the beginning each comes. An empty one never comes.</p>
        <Awaited graph={graph} events={question.events} onChange={(events) => onQuestion({ ...question, events })} />
      </section>
      <section>
        <h3 className="h">Answers of vendors</h3>
        {answers.length ? (
          <ul className="sim-chosen">
            {answers.map(([node, answer]) => (
              <li key={node}>
                <span className="cut">{name(node)}</span>
                <span className="t3 push">{answer.output === undefined ? answer.port : "your output"}</span>
                <button
                  type="button"
                  className="link"
                  onClick={() => {
                    const { [node]: _, ...rest } = question.answers;
                    onQuestion({ ...question, answers: rest });
                  }}
                >
                  Assume it
                </button>
              </li>
            ))}
          </ul>
        ) : (
          <p className="t3 s12">
            All are assumed: as this customer's own runs recorded them, else as the last who went through, else as the
            vendor's sample. Choose another end at a step of the path.
          </p>
        )}
      </section>
      <section>
        <h3 className="h">Customer afterwards</h3>
        <dl className="sim-traits">
          {Object.entries(made.traits).map(([trait, value]) => (
            <div key={trait}>
              <dt className="cut">{trait}</dt>
              <dd className="cut">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}
