/** One segment: its name, its rules, and how many customers they find, before and after it is kept. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { patch, post, remove } from "@/api/http";
import type { Segment, SegmentPreview } from "@/api/models";
import { Confirm } from "@/ui/Confirm";
import { Panel } from "@/ui/Panel";
import { count, plural } from "@/ui/time";
import { RuleRows } from "./RuleRows";
import { FRESH_TRAIT, finished, type Rule, readRule, writeRule } from "./rules";

interface Props {
  segment: Segment | null;
  disabled: boolean;
  onClose: () => void;
  onKept: (id: string) => void;
}

function usePreview(rule: Rule | null) {
  const [asked] = useDebouncedValue(rule && finished(rule) ? JSON.stringify(writeRule(rule)) : "", 300);
  return useQuery({
    queryKey: ["segment-preview", asked],
    queryFn: ({ signal }) => post<SegmentPreview>("segments/preview/", { rule: JSON.parse(asked) }, signal),
    enabled: asked !== "",
    retry: false,
    placeholderData: (before) => before,
  });
}

export function SegmentPanel({ segment, disabled, onClose, onKept }: Props) {
  const client = useQueryClient();
  const [name, setName] = useState(segment?.name ?? "");
  const [rule, setRule] = useState<Rule | null>(
    segment ? readRule(segment.rule) : { join: "all", rows: [FRESH_TRAIT] },
  );
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const [deleting, setDeleting] = useState(false);
  const preview = usePreview(rule);
  const ready = name.trim() !== "" && (rule === null || finished(rule));
  const keep = async () => {
    setBusy(true);
    setWrong("");
    const sent = { name: name.trim(), ...(rule ? { rule: writeRule(rule) } : {}) };
    try {
      const kept = segment
        ? await patch<Segment>(`segments/${segment.id}/`, sent)
        : await post<Segment>("segments/", sent);
      await client.invalidateQueries({ queryKey: ["segments"] });
      onKept(kept.id);
    } catch (reason) {
      setWrong(reason instanceof Error ? reason.message : String(reason));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel
      label="Segment"
      title={segment ? segment.name : "New segment"}
      sub={segment ? (segment.ready ? plural(segment.members, "customer") : "Looking for its customers…") : ""}
      width={440}
      onClose={onClose}
      testId="segment-panel"
      footer={
        disabled ? null : (
          <div className="row">
            {segment ? (
              <button type="button" className="btn btn-quiet" disabled={busy} onClick={() => setDeleting(true)}>
                Delete
              </button>
            ) : null}
            <span className="push" />
            <button type="button" className="btn btn-ink" disabled={busy || !ready} onClick={() => void keep()}>
              {busy ? "Saving…" : segment ? "Save" : "Make the segment"}
            </button>
          </div>
        )
      }
    >
      <div className="stack sg-form">
        <label className="stack tight">
          <span className="strong">Name</span>
          <input
            className="field"
            value={name}
            maxLength={120}
            disabled={disabled}
            placeholder="Teams that pay"
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </label>
        {rule ? (
          <RuleRows rule={rule} disabled={disabled} onChange={setRule} />
        ) : (
          <p className="call">This segment has groups inside groups, made by a program: {segment?.words}.</p>
        )}
        <p className="said" role="status" data-testid="segment-count">
          {preview.error
            ? preview.error.message
            : preview.data && rule && finished(rule)
              ? `${count(preview.data.members)} of the ${count(preview.data.of)} newest customers: ${preview.data.words}.`
              : "Fill in the rules to see how many customers they find."}
        </p>
        {segment?.flows.length ? (
          <div className="stack tight">
            <span className="strong">Flows that begin with it</span>
            {segment.flows.map((flow) => (
              <Link key={flow.id} className="link" to={`/flows/${flow.id}`}>
                {flow.name}
              </Link>
            ))}
          </div>
        ) : null}
        {segment ? (
          <p className="t3 s12">When the rules change, everybody is judged anew; those who come in so start nothing.</p>
        ) : null}
        {wrong ? (
          <p className="call bad" role="alert">
            {wrong}
          </p>
        ) : null}
      </div>
      {deleting && segment ? (
        <Confirm
          title={`Delete “${segment.name}”?`}
          verb="Delete the segment"
          onClose={() => setDeleting(false)}
          act={async () => {
            await remove(`segments/${segment.id}/`);
            await client.invalidateQueries({ queryKey: ["segments"] });
            onClose();
          }}
        >
          Its {plural(segment.members, "customer")} stay; only the group goes.
        </Confirm>
      ) : null}
    </Panel>
  );
}
