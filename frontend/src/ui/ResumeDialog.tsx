import { Modal } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { count, duration, plural } from "./time";

export type Overdue = {
  paused_s: number;
  inside: number;
  overdue: number;
  late: number;
  spread_s: number;
  messages: number;
  timers: number;
  nodes: readonly { node: string; name: string; count: number; reaches: string }[];
};

export type ResumeChoice = {
  overdue: "run_now" | "skip" | "shift" | "exit";
  older_than?: string;
  spread?: string;
};

type Props = {
  name: string;
  /** The counts, undefined while they are looked up. */
  counts: Overdue | undefined;
  wrong: string;
  older: string;
  onOlder: (older: string) => void;
  act: (choice: ResumeChoice) => Promise<unknown>;
  onClose: () => void;
};

function Option(props: {
  group: string;
  value: ResumeChoice["overdue"];
  on: boolean;
  onChoose: () => void;
  title: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <div className={props.on ? "resume-option on" : "resume-option"}>
      <input
        id={id}
        type="radio"
        name={props.group}
        value={props.value}
        checked={props.on}
        onChange={props.onChoose}
        data-testid={`resume-${props.value}`}
      />
      <div>
        <label htmlFor={id} className="strong">
          {props.title}
        </label>
        <div className="t2 s12">{props.children}</div>
      </div>
    </div>
  );
}

/** Before a paused flow goes on: what becomes of those whose time came meanwhile. Nothing that sends is chosen unasked. */
export function ResumeDialog({ name, counts, wrong, older, onOlder, act, onClose }: Props) {
  const group = useId();
  const [choice, setChoice] = useState<ResumeChoice["overdue"]>("shift");
  const [spread, setSpread] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const go = async () => {
    setBusy(true);
    setFailed("");
    try {
      await act(
        counts?.overdue || choice === "shift"
          ? {
              overdue: choice,
              ...(choice === "skip" ? { older_than: older } : {}),
              ...(spread.trim() && (choice === "run_now" || choice === "skip") ? { spread: spread.trim() } : {}),
            }
          : { overdue: "run_now" },
      );
      onClose();
    } catch (reason) {
      setFailed(reason instanceof Error ? reason.message : String(reason));
      setBusy(false);
    }
  };
  const pause = duration((counts?.paused_s ?? 0) * 1000);
  const late = counts?.late ?? 0;
  const due = counts?.overdue ?? 0;
  const over = counts && counts.spread_s >= 1 ? `within ${duration(counts.spread_s * 1000)}` : "at once";
  const asks = (value: ResumeChoice["overdue"]) => ({
    group,
    value,
    on: choice === value,
    onChoose: () => setChoice(value),
  });
  return (
    <Modal opened onClose={onClose} title={`Resume ${name}?`} size={560} closeButtonProps={{ "aria-label": "Close" }}>
      <div className="resume" data-testid="resume-dialog">
        {counts ? (
          <p className="t2">
            Paused for {pause}. {plural(counts.inside, "customer is", "customers are")} inside;{" "}
            {due ? (
              <b>
                the time of {count(due)} came meanwhile
                {counts.messages ? `, ${count(counts.messages)} of them before a message` : ""}.
              </b>
            ) : (
              "nobody's time came meanwhile."
            )}
          </p>
        ) : (
          <p className="t2" role="status">
            Counting…
          </p>
        )}
        {due ? (
          <>
            <ul className="resume-nodes">
              {counts?.nodes.slice(0, 4).map((node) => (
                <li key={node.node} className="row s12">
                  <span className="num">{count(node.count)}</span>
                  <span className="cut">{node.name}</span>
                  {node.reaches ? <span className="t3 cut">then “{node.reaches}”</span> : null}
                </li>
              ))}
            </ul>
            <fieldset>
              <legend className="sr">What becomes of them</legend>
              <Option {...asks("shift")} title={`Shift all timers by ${pause}`}>
                Everybody waits as long as without the pause: {plural(counts?.timers ?? 0, "timer")}. Nobody goes on at
                once.
              </Option>
              <Option {...asks("run_now")} title="Let them go on now, spread out">
                {plural(due, "customer goes on", "customers go on")} {spread.trim() ? `within ${spread.trim()}` : over},
                whoever waited longest first.
                {choice === "run_now" ? <Spread value={spread} onChange={setSpread} /> : null}
              </Option>
              <Option {...asks("skip")} title="Skip those who are too late">
                {plural(late, "customer leaves", "customers leave")} the flow, {plural(due - late, "goes on", "go on")}{" "}
                now.
                {choice === "skip" ? (
                  <span className="row resume-field">
                    <label htmlFor={`${group}-older`}>Too late is more than</label>
                    <input
                      id={`${group}-older`}
                      className="field short"
                      value={older}
                      onChange={(event) => onOlder(event.currentTarget.value)}
                    />
                  </span>
                ) : null}
              </Option>
              <Option {...asks("exit")} title={`Let all ${count(due)} out`}>
                Their runs end where they stand. Nothing more happens to them in this flow.
              </Option>
            </fieldset>
          </>
        ) : null}
        {failed || wrong ? (
          <p className="call bad confirm-wrong" role="alert">
            {failed || wrong}
          </p>
        ) : null}
      </div>
      <div className="dialog-foot">
        <button type="button" className="btn btn-quiet" onClick={onClose}>
          Leave it paused
        </button>
        <button
          type="button"
          className="btn btn-ink"
          data-autofocus
          disabled={busy || !counts}
          onClick={() => void go()}
          data-testid="resume-confirm"
        >
          {busy ? "Resuming…" : "Resume"}
        </button>
      </div>
    </Modal>
  );
}

function Spread({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <span className="row resume-field">
      <label htmlFor={id}>Spread over</label>
      <input
        id={id}
        className="field short"
        placeholder="by itself"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <span className="t3">for example 2h</span>
    </span>
  );
}
