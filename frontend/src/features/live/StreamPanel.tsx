import { IconLayoutSidebarRightCollapse, IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { type RefObject, useRef, useState } from "react";
import { Link } from "react-router";
import type { FlowDetail } from "@/api/models";
import { useSettle } from "@/api/runs";
import { useMay } from "@/api/session";
import { useLiveStatus, useTopic } from "@/live/useTopic";
import { Chip } from "@/ui/Chip";
import { type State, StateGlyph } from "@/ui/glyphs";
import { Review } from "@/ui/Review";
import type { Counts } from "./counts";
import { begunOf, countsOf, type FlowLive, sampledOf } from "./data";
import { Empty } from "./Empty";
import { figure } from "./numbers";
import { StreamRow } from "./StreamRow";
import type { Filter } from "./stream";
import { Kpis } from "./Totals";
import { LOOKED_THROUGH, useStream } from "./useStream";
import { useTotals, type Whose } from "./useTotals";

interface Props {
  flow: FlowDetail;
  state: FlowDetail["state"];
  whose: Whose;
  /** The card that was chosen on the canvas. */
  node: { id: string; name: string } | null;
  filter: Filter;
  onFilter: (filter: Filter) => void;
  onNode: (id: string | null) => void;
  onOpen: (run: string) => void;
  onHide: () => void;
}

const FILTERS: readonly { value: Filter; name: string; state?: State; total?: "active" | "failed" | "held" }[] = [
  { value: "all", name: "All" },
  { value: "active", name: "Active", state: "running", total: "active" },
  { value: "failed", name: "Failed", state: "failed", total: "failed" },
  { value: "held", name: "Needs review", state: "held", total: "held" },
];

function Filters({ whose, node, filter, onFilter, onNode }: Omit<Props, "flow" | "state" | "onOpen" | "onHide">) {
  const totals = useTotals(whose);
  return (
    <div className="filters" role="group" aria-label="Which runs">
      {FILTERS.filter(({ value }) => value !== "held" || totals?.held || filter === "held").map((each) => (
        <button
          key={each.value}
          type="button"
          className="chip"
          aria-pressed={filter === each.value}
          onClick={() => onFilter(each.value)}
          data-testid={`filter-${each.value}`}
        >
          {each.state ? <StateGlyph state={each.state} plain={filter === each.value} /> : null}
          {each.name} {each.total && totals?.[each.total] ? figure(totals[each.total]) : null}
        </button>
      ))}
      {node ? (
        <button
          type="button"
          className="chip at-node"
          aria-label={`Only at ${node.name}. Show all steps`}
          onClick={() => onNode(null)}
          data-testid="filter-node"
        >
          <span className="cut">At {node.name}</span>
          <IconX className="i i12" />
        </button>
      ) : null}
    </div>
  );
}

/** Rows must not jump under a pointer or a focus: while either is in the list, it stands still. */
function useHold() {
  const [over, setOver] = useState(false);
  const [inside, setInside] = useState(false);
  const hold = {
    onPointerEnter: (event: React.PointerEvent) => setOver(event.pointerType !== "touch"),
    onPointerLeave: () => setOver(false),
    // A click leaves the focus behind without meaning to stay: only the keyboard's counts.
    onFocus: (event: React.FocusEvent) => setInside(event.target.matches(":focus-visible")),
    onBlur: (event: React.FocusEvent) => setInside(event.currentTarget.contains(event.relatedTarget)),
  };
  return { holding: over || inside, hold, release: () => setInside(false) };
}

function Rows(props: Props & { paused: boolean; list: RefObject<HTMLDivElement | null> }) {
  const { flow, whose, state, node, filter, onOpen, list } = props;
  const begun = useTopic<FlowLive, boolean>(`flow:${flow.id}`, begunOf);
  const { holding, hold, release } = useHold();
  const { rows, fresh, renew, error, loading, cut } = useStream(
    flow.id,
    filter,
    node?.id ?? null,
    props.paused || holding,
  );
  const filtered = filter !== "all" || node !== null;
  if (!filtered && !rows.length && begun === false) return <Empty flow={flow} graph={whose.graph} state={state} />;
  const more = `/runs?flow=${flow.id}${filter === "all" ? "" : `&status=${filter}`}`;
  return (
    <div className="stream-box" {...hold} ref={list}>
      {fresh ? (
        <button
          type="button"
          className="btn btn-ink btn-sm fresh"
          data-testid="stream-fresh"
          onClick={() => {
            renew();
            release();
            list.current?.scrollTo({ top: 0 });
          }}
        >
          {fresh} new
        </button>
      ) : null}
      {error ? (
        <p className="call bad" role="alert">
          {error.message}
        </p>
      ) : null}
      <ul className="stream" aria-label="Runs, the newest first">
        {rows.map((line) => (
          <StreamRow key={line.run} line={line} onOpen={onOpen} />
        ))}
      </ul>
      {rows.length ? null : (
        <p className="t2 stream-note" role="status">
          {loading
            ? "Looking…"
            : node
              ? `Nobody is at ${node.name} now${filter === "all" ? "" : ` among the ${filter} runs`}.`
              : filter === "failed"
                ? "No run has failed."
                : filter === "all"
                  ? "Nothing has happened for a while. What happens next shows here."
                  : `No run is ${filter} now.`}
        </p>
      )}
      {filtered && cut ? (
        <p className="t3 stream-note">
          Among the newest {LOOKED_THROUGH} {filter === "all" ? "" : `${filter} `}runs.{" "}
          <Link className="link" to={more}>
            Open the whole list
          </Link>
        </p>
      ) : null}
    </div>
  );
}

/** Everything in review at the chosen card, or where one card has it all, settled at once. */
function ReviewNode({ flow, node, filter }: Pick<Props, "flow" | "node" | "filter">) {
  const edits = useMay("editor");
  const settle = useSettle();
  const counts = useTopic<FlowLive, { counts: Counts }>(`flow:${flow.id}`, countsOf)?.counts;
  const held = node ? (counts?.[`node:${node.id}`]?.held ?? 0) : 0;
  if (!edits || !node || filter !== "held" || held < 1) return null;
  return (
    <div className="review-node">
      <Review count={held} node={node.name} act={(choice) => settle.node(flow.id, node.id, choice)} />
    </div>
  );
}

/** The panel at the side of the counts: the totals, and what just happened to whom. */
export function StreamPanel(props: Props) {
  const { flow, whose, onHide } = props;
  const { status } = useLiveStatus();
  const sampled = useTopic<FlowLive, boolean>(`flow:${flow.id}`, sampledOf);
  const [paused, setPaused] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const chip =
    status === "lost"
      ? (["draft", "Not live"] as const)
      : paused
        ? (["held", "Paused"] as const)
        : (["running", "Live"] as const);
  return (
    <aside className="panel live-panel" aria-label="Runs, live" data-testid="live-stream">
      <header>
        <div className="row">
          <h2 className="grow">Runs</h2>
          <Chip state={chip[0]}>{chip[1]}</Chip>
          <button
            type="button"
            className="icon-btn"
            aria-label={paused ? "Let the stream go on" : "Pause the stream"}
            aria-pressed={paused}
            title={paused ? "Let the stream go on" : "Pause the stream. Counts go on."}
            onClick={() => setPaused(!paused)}
            data-testid="stream-pause"
          >
            {paused ? <IconPlayerPlay className="i" /> : <IconPlayerPause className="i" />}
          </button>
          <button
            type="button"
            className="icon-btn"
            aria-label="Put the panel away"
            title="Put the panel away"
            onClick={onHide}
            data-testid="hide-stream"
          >
            <IconLayoutSidebarRightCollapse className="i" />
          </button>
        </div>
      </header>
      <Kpis whose={whose} />
      <Filters {...props} />
      {sampled ? (
        <p className="t2 stream-sampled" role="status">
          So much happens that these rows are a sample. The counts are complete.
        </p>
      ) : null}
      <ReviewNode {...props} />
      <Rows {...props} paused={paused} list={list} />
      <footer>
        <span className="push" />
        <Link className="btn btn-quiet btn-sm" to={`/runs?flow=${flow.id}`}>
          Open all runs
        </Link>
      </footer>
    </aside>
  );
}
