/** Asks once, before publishing: what changed in words, who is inside, what becomes of them, and what that means. */

import "./publish.css";
import { Modal } from "@mantine/core";
import { IconAlertTriangle, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { FlowDetail, PublishPlan } from "@/api/models";
import { NodeIcon } from "@/canvas/icons";
import type { Catalogue } from "@/graph/catalogue";
import { StateGlyph } from "@/ui/glyphs";
import { Segments } from "@/ui/Segments";
import { count, plural } from "@/ui/time";
import { PlaceRow } from "./PlaceRow";
import { type Choice, type Choices, type Chosen, type InFlight, inFlight, moment, others, undecided } from "./plan";

interface Props {
  flow: FlowDetail;
  plan: PublishPlan;
  catalogue: Catalogue;
  busy: boolean;
  wrong: string;
  /** Said once at the top: that somebody else's changes were joined with these. */
  news: string;
  onShow: (node: string) => void;
  onPublish: (decided: InFlight, note: string, entry: SegmentEntry | null) => void;
  onClose: () => void;
}

function Others({ plan, catalogue }: { plan: PublishPlan; catalogue: Catalogue }) {
  const rest = others(plan);
  const settings = plan.difference.settings.map((field) => field.sentence);
  const shifted = plan.difference.nodes.moved.length;
  const notes = plan.difference.notes.length;
  if (!rest.length && !settings.length && !shifted && !notes) return null;
  return (
    <ol className="chg" aria-label="Other changes">
      {rest.map((each) => {
        const type = catalogue.get(each.type);
        return (
          <li key={`${each.kind} ${each.name} ${each.said.join()}`} className={`k-${type?.kind ?? "logic"}`}>
            <span className="tile">
              <NodeIcon name={type?.icon ?? ""} />
              {each.kind === "added" ? (
                <span className="sig">
                  <IconPlus className="i" />
                </span>
              ) : null}
            </span>
            <div className="cut wide">
              <div className="nm">
                <span className="cut">{each.name}</span>
                <span className="tag">{each.kind}</span>
              </div>
              {each.said.slice(0, 4).map((said) => (
                <div key={said} className="df">
                  {said}
                </div>
              ))}
            </div>
          </li>
        );
      })}
      {settings.length ? (
        <li className="plain">
          <div className="cut wide">
            <div className="nm">Settings of the flow</div>
            {settings.map((said) => (
              <div key={said} className="df">
                {said}
              </div>
            ))}
          </div>
        </li>
      ) : null}
      {shifted || notes ? (
        <li className="plain">
          <div className="cut wide df">
            {[
              shifted ? `${plural(shifted, "card")} lie elsewhere` : "",
              notes ? `${plural(notes, "note")} changed` : "",
            ]
              .filter(Boolean)
              .join(", ")}
            . Customers do not notice.
          </div>
        </li>
      ) : null}
    </ol>
  );
}

function Checks({ plan, onShow }: { plan: PublishPlan; onShow: (node: string) => void }) {
  const issues = plan.issues.filter((issue) => issue.severity !== "hint");
  return (
    <section>
      <h3 className="h">Checks</h3>
      <ul className="checks">
        {issues.length ? (
          issues.slice(0, 6).map((issue) => (
            <li key={`${issue.code} ${issue.node} ${issue.message}`}>
              {issue.severity === "error" ? (
                <StateGlyph state="failed" />
              ) : (
                <span className="is-waiting">
                  <IconAlertTriangle className="i i14" aria-label="Warning" />
                </span>
              )}
              <span>
                {issue.message}{" "}
                {issue.node ? (
                  <button type="button" className="link" onClick={() => onShow(issue.node ?? "")}>
                    Show it
                  </button>
                ) : null}
              </span>
            </li>
          ))
        ) : (
          <li>
            <StateGlyph state="succeeded" />
            <span>No errors and no warnings.</span>
          </li>
        )}
      </ul>
      {issues.length > 6 ? <p className="t3 s12">and {issues.length - 6} more</p> : null}
    </section>
  );
}

const ENTRIES = [
  ["future", "Only those who come into it from now on"],
  ["present", "Only those who are in it already"],
  ["both", "Both"],
] as const;

export type SegmentEntry = (typeof ENTRIES)[number][0];

/** A flow that begins by a segment: who enters is asked, with how many are in it (SEMANTICS 1.5). */
function SegmentEntries(props: { plan: PublishPlan; value: SegmentEntry; onChange: (value: SegmentEntry) => void }) {
  const { segment } = props.plan;
  if (!segment) return null;
  return (
    <section>
      <h3 className="h">Who enters</h3>
      <p className="t2 s12">
        {segment.ready
          ? `${plural(segment.count, "customer is", "customers are")} in “${segment.name}” now.`
          : `“${segment.name}” is still being counted.`}
      </p>
      <div className="entries">
        {ENTRIES.map(([value, name]) => (
          <label key={value} className="row s12">
            <input
              type="radio"
              name="segment-entry"
              checked={props.value === value}
              onChange={() => props.onChange(value)}
              data-testid={`entry-${value}`}
            />
            {name}
          </label>
        ))}
      </div>
    </section>
  );
}

function Figures({ plan, choices }: { plan: PublishPlan; choices: Choices }) {
  const now = moment(plan, choices);
  const figures = [
    ["Go on at once", now.released],
    ["Messages sent by that", now.messages],
    [`Stay on ${plan.staying ? "old versions" : `v${plan.published}`}`, now.stays],
    [`Move to v${plan.number}`, now.moves],
    ...(now.open ? ([["Not chosen yet", now.open]] as const) : []),
    ...(now.leaves ? ([["Leave the flow", now.leaves]] as const) : []),
  ] as const;
  return (
    <section>
      <h3 className="h">The moment you publish</h3>
      <dl className="figs">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{count(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function PublishDialog(props: Props) {
  const { flow, plan, catalogue, busy, wrong, news, onShow, onPublish, onClose } = props;
  const [choices, setChoices] = useState<Choices>({});
  const [note, setNote] = useState("");
  const [entry, setEntry] = useState<SegmentEntry>("future");
  const choose = (node: string, chosen: Chosen) => setChoices((before) => ({ ...before, [node]: chosen }));
  const asked = plan.places.filter((place) => place.inside);
  const open = undecided(plan, choices);
  const errors = plan.issues.some((issue) => issue.severity === "error");
  const everyone = (choice: Choice | "") => {
    if (!choice) return;
    setChoices((before) => {
      const next = { ...before };
      for (const place of asked) if (place.choices.includes(choice)) next[place.node] = { ...next[place.node], choice };
      return next;
    });
  };
  const same = new Set(asked.map((place) => choices[place.node]?.choice ?? place.choice));
  const inside = plan.inside
    ? `${plan.inside === 1 ? "1 customer is" : `${count(plan.inside)} customers are`} inside v${plan.published}; nothing happens to them before you publish.`
    : "Nobody is inside.";
  return (
    <Modal.Root opened onClose={onClose} size={1000} centered classNames={{ content: "publish-dialog" }}>
      <Modal.Overlay />
      <Modal.Content data-testid="publish-dialog">
        <div className="pub-head">
          <div className="grow">
            <Modal.Title>
              Publish v{plan.number} of {flow.name}
            </Modal.Title>
            <p className="t2">
              {plan.published === null
                ? "The first version: customers enter from then on."
                : `${plan.difference.sentence} ${inside}`}
            </p>
          </div>
          {plan.inside ? <span className="live">Counts are live</span> : null}
          <Modal.CloseButton aria-label="Close" />
        </div>
        <div className="pubgrid">
          <div>
            {news ? (
              <p className="call" role="status">
                {news}
              </p>
            ) : null}
            {asked.length > 1 ? (
              <div className="everyone row">
                <span className="t2">
                  All {count(asked.reduce((sum, place) => sum + place.inside, 0))} at changed steps
                </span>
                <span className="push" />
                <Segments
                  label="Everybody at changed steps"
                  value={same.size === 1 ? ([...same][0] ?? "") : ""}
                  choices={[
                    { value: "move" as Choice | "", name: "Move" },
                    { value: "finish", name: `Finish on v${plan.published}` },
                    { value: "exit", name: "Exit" },
                  ]}
                  onChange={everyone}
                />
              </div>
            ) : null}
            {plan.places.length ? (
              <ol className="chg" aria-label="Changed and removed steps">
                {plan.places.map((place) => (
                  <PlaceRow
                    key={place.node}
                    place={place}
                    published={plan.published ?? 0}
                    catalogue={catalogue}
                    choices={choices}
                    onChoose={choose}
                  />
                ))}
              </ol>
            ) : null}
            {plan.published === null ? (
              <p className="t2">
                {plural(plan.difference.nodes.added.length, "step")} and their lines go live as they are drawn.
              </p>
            ) : (
              <Others plan={plan} catalogue={catalogue} />
            )}
          </div>
          <div>
            {plan.inside ? <Figures plan={plan} choices={choices} /> : null}
            <SegmentEntries plan={plan} value={entry} onChange={setEntry} />
            <Checks plan={plan} onShow={onShow} />
          </div>
        </div>
        {wrong ? (
          <p className="call bad publish-wrong" role="alert">
            {wrong}
          </p>
        ) : null}
        <div className="pub-foot">
          <input
            className="field why"
            aria-label="What changed and why, for the history"
            placeholder="What changed and why, for the history"
            maxLength={300}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <span className="push" />
          <span className={open ? "is-waiting s12 hint" : "t3 s12 hint"} role="status">
            {open
              ? `Choose what happens at “${open.name}”`
              : plan.published === null
                ? ""
                : `Undo by publishing v${plan.published} again`}
          </span>
          <button type="button" className="btn btn-line btn-lg" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn-ink btn-lg"
            disabled={busy || errors || open !== null}
            onClick={() => onPublish(inFlight(plan, choices), note.trim(), plan.segment ? entry : null)}
            data-testid="publish-confirm"
          >
            {busy ? "Publishing…" : `Publish v${plan.number}`}
          </button>
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}
