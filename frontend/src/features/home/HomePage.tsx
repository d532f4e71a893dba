import "./strip.css";
import "./list.css";
import "./empty.css";
import "./minute.css";
import { useDebouncedValue } from "@mantine/hooks";
import { IconDoorOff, IconPlus, IconTemplate } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { useHome } from "@/api/home";
import { usePages } from "@/api/pages";
import { useMay } from "@/api/session";
import { LiveBanner } from "@/live/LiveBanner";
import { useRenewal } from "@/live/useRenewal";
import { QueryBanner } from "@/ui/Banner";
import { EmptyState } from "@/ui/EmptyState";
import { StateGlyph } from "@/ui/glyphs";
import { More } from "@/ui/More";
import { SearchField } from "@/ui/SearchField";
import { SkeletonRows } from "@/ui/Skeleton";
import { Note, Table } from "@/ui/Table";
import { Topbar } from "@/ui/Topbar";
import { EmptyHome } from "./EmptyHome";
import { FirstMinute } from "./FirstMinute";
import { FlowRow } from "./FlowRow";
import { byNeed, type Filter, fits } from "./flows";
import { Strip } from "./Strip";
import { TemplateDialog } from "./TemplateDialog";
import { useBeginning } from "./useBeginning";
import { useStart } from "./useStart";

const filters: readonly { value: Filter; name: string; glyph?: ReactNode }[] = [
  { value: "all", name: "All" },
  { value: "live", name: "Live", glyph: <StateGlyph state="running" /> },
  { value: "failing", name: "Failing", glyph: <StateGlyph state="failed" /> },
  { value: "paused", name: "Paused", glyph: <StateGlyph state="held" /> },
  { value: "closed", name: "Closed", glyph: <IconDoorOff className="i i12" /> },
  { value: "draft", name: "Drafts", glyph: <StateGlyph state="draft" /> },
];

const heads = [
  { key: "drawing", name: "Drawing" },
  { key: "flow", name: "Flow" },
  { key: "state", name: "State" },
  {
    key: "day",
    className: "row day",
    name: (
      <>
        <span className="wide">Last 24 h</span>
        <span className="push">A day</span>
      </>
    ),
  },
  { key: "inside", name: "Inside", className: "num" },
  { key: "failed", name: "Failed", className: "num" },
  { key: "owner", name: "Owner", className: "owner" },
  { key: "changed", name: "Last change", className: "changed" },
  { key: "menu", name: <span className="sr">More</span> },
];

/** What runs and what needs a person: the strip of now and the table of flows. */
export function HomePage() {
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const filter = (filters.find((each) => each.value === params.get("state"))?.value ?? "all") satisfies Filter;
  const [wanted] = useDebouncedValue(search, 200);
  const edits = useMay("editor");
  const home = useHome();
  const flows = usePages("flows/", { q: wanted.trim() }, 15_000);
  const beginning = useBeginning();
  const [choosing, setChoosing] = useState(false);
  const { start, busy } = useStart();
  useRenewal("workspace", [["list", "flows/"], ["home"]]);

  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const rows = useMemo(() => byNeed((flows.rows ?? []).filter((flow) => fits(flow, filter))), [flows.rows, filter]);
  const nothing = flows.rows?.length === 0 && !wanted && !flows.error;
  const actions = edits ? (
    <>
      {/* An empty workspace has its templates on the page; until that is known the button would flash. */}
      {nothing || !flows.rows ? null : (
        <button type="button" className="btn btn-line" onClick={() => setChoosing(true)}>
          <IconTemplate className="i i14" />
          New from template
        </button>
      )}
      <button
        type="button"
        className="btn btn-ink"
        disabled={busy}
        onClick={() => void start({ name: "Untitled flow" })}
      >
        <IconPlus className="i i14" />
        New flow
      </button>
    </>
  ) : null;

  if (nothing) {
    return (
      <>
        <Topbar title="Home" actions={actions} />
        <EmptyHome beginning={beginning} />
      </>
    );
  }
  return (
    <>
      <Topbar title="Home" actions={actions} />
      <div className="main">
        <main className="page home-page">
          <LiveBanner />
          <QueryBanner error={flows.error} since={flows.since} retry={flows.refetch} />
          <Strip home={home.data} />
          <div className="toolbar">
            <SearchField value={search} onChange={(value) => set("q", value)} placeholder="Find a flow" />
            <span className="sep" />
            {filters.map(({ value, name, glyph }) => {
              const number = (flows.rows ?? []).filter((flow) => fits(flow, value)).length;
              if (value !== "all" && value !== filter && number === 0) return null;
              return (
                <button
                  key={value}
                  type="button"
                  className="fchip"
                  aria-pressed={value === filter}
                  onClick={() => set("state", value === "all" ? "" : value)}
                >
                  {glyph}
                  {name} {flows.rows && !flows.has ? number : ""}
                </button>
              );
            })}
            <span className="push t3 s12 wide">Needs a look first</span>
          </div>
          <Table label="Flows" grid="flow-grid" heads={heads} busy={!flows.rows} stale={Boolean(flows.error)}>
            {flows.rows ? null : flows.error ? null : <SkeletonRows className="grid flow-grid flow-row" cells={7} />}
            {rows.map((flow) => (
              <FlowRow key={flow.id} flow={flow} />
            ))}
            {flows.rows && rows.length === 0 && !flows.has ? (
              <Note>
                <NoneMatches search={wanted} filter={filter} clear={() => setParams({}, { replace: true })} />
              </Note>
            ) : null}
            {flows.has ? (
              <Note>
                <More has={flows.has} busy={flows.busy} load={flows.more} />
              </Note>
            ) : null}
          </Table>
        </main>
        {flows.rows ? <FirstMinute beginning={beginning} flows={flows.rows} /> : null}
      </div>
      {choosing ? <TemplateDialog onClose={() => setChoosing(false)} /> : null}
    </>
  );
}

function NoneMatches({ search, filter, clear }: { search: string; filter: Filter; clear: () => void }) {
  const word = filters.find((each) => each.value === filter)?.name.toLowerCase() ?? "";
  const title = search ? `No flow matches “${search}”` : `No ${word} flow`;
  return (
    <EmptyState
      title={title}
      actions={
        <button type="button" className="btn btn-line" onClick={clear}>
          Show all flows
        </button>
      }
    >
      {search && filter !== "all" ? `The filter “${word}” is on as well.` : "The others are one click away."}
    </EmptyState>
  );
}
