import "./connectors.css";
import { IconFlask, IconInfoCircle } from "@tabler/icons-react";
import { Fragment, useCallback } from "react";
import { useSearchParams } from "react-router";
import type { Connector } from "@/api/models";
import { QueryBanner } from "@/ui/Banner";
import { EmptyState } from "@/ui/EmptyState";
import { SearchField } from "@/ui/SearchField";
import { SkeletonRows } from "@/ui/Skeleton";
import { Cell, Note, Row, Table } from "@/ui/Table";
import { Topbar } from "@/ui/Topbar";
import { money } from "@/ui/time";
import { ConnectorPanel } from "./ConnectorPanel";
import { groups, useConnectors } from "./data";
import { Mode } from "./Mode";

const heads = [
  { key: "letter", name: <span className="sr">Mark</span> },
  { key: "connector", name: "Connector" },
  { key: "good", name: "Good for" },
  { key: "price", name: "Price", className: "num" },
  { key: "credential", name: "Credential" },
];

const filters = [
  { value: "", name: "All" },
  { value: "sandbox", name: "Sandbox" },
  { value: "connected", name: "Connected" },
  { value: "needs_credential", name: "Needs a credential" },
] as const;

function price(connector: Connector): string {
  const prices = connector.actions.map((action) => action.price).filter((each) => each > 0);
  if (prices.length === 0) return "free";
  const least = money(Math.min(...prices));
  return Math.min(...prices) === Math.max(...prices) ? `${least} a call` : `from ${least}`;
}

/** Who sells what: connectors by what they are good for, each with the key it uses here. */
export function ConnectorsPage() {
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const mode = params.get("mode") ?? "";
  const opened = params.get("connector");
  const { data, error, dataUpdatedAt, refetch } = useConnectors();
  const set = useCallback(
    (key: string, value: string | null) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (value) next.set(key, value);
          else next.delete(key);
          return next;
        },
        { replace: key !== "connector" },
      ),
    [setParams],
  );
  const words = search.trim().toLowerCase();
  const found = (data ?? []).filter(
    (each) =>
      (!mode || each.mode === mode) &&
      [each.name, each.help, ...each.actions.flatMap((action) => [action.name, action.capability])]
        .join(" ")
        .toLowerCase()
        .includes(words),
  );
  const shown = data?.find((each) => each.id === opened);
  const close = useCallback(() => set("connector", null), [set]);
  return (
    <>
      <Topbar title="Connectors" />
      <div className="main">
        <main className="page">
          <QueryBanner error={error} since={dataUpdatedAt} retry={() => void refetch()} />
          <div className="toolbar">
            <SearchField value={search} onChange={(value) => set("q", value)} placeholder="Find a connector" />
            <span className="sep" />
            {filters.map(({ value, name }) => {
              const number = (data ?? []).filter((each) => !value || each.mode === value).length;
              if (value && value !== mode && number === 0) return null;
              return (
                <button
                  key={value}
                  type="button"
                  className="fchip"
                  aria-pressed={value === mode}
                  onClick={() => set("mode", value)}
                >
                  {value === "sandbox" ? <IconFlask className="i i12" /> : null}
                  {name} {data ? number : ""}
                </button>
              );
            })}
          </div>
          <Table label="Connectors" grid="con-grid" heads={heads} busy={!data}>
            {data || error ? null : <SkeletonRows className="grid con-grid con-row" cells={5} />}
            {groups(found).map(([category, connectors]) => (
              <Fragment key={category}>
                <div className="cap-h" role="row">
                  <span role="rowheader" className="strong">
                    {category}
                  </span>
                </div>
                {connectors.map((connector) => (
                  <Row
                    key={connector.id}
                    className="con-grid con-row"
                    on={connector.id === opened}
                    onOpen={() => set("connector", connector.id)}
                  >
                    <Cell>
                      <span className="vendor" aria-hidden="true">
                        {connector.letter}
                      </span>
                    </Cell>
                    <Cell className="cut">
                      <div className="cut strong">{connector.name}</div>
                      <div className="cut say t2">{connector.help}</div>
                    </Cell>
                    <Cell className="row caps">
                      {capabilities(connector).map(({ name, person }) => (
                        <span key={name} className={person ? "cap m" : "cap"}>
                          {name}
                        </span>
                      ))}
                    </Cell>
                    <Cell className="num t2">{price(connector)}</Cell>
                    <Cell className="cut">
                      <Mode connector={connector} />
                    </Cell>
                  </Row>
                ))}
              </Fragment>
            ))}
            {data && found.length === 0 ? (
              <Note>
                <EmptyState
                  title={words ? `No connector matches “${search.trim()}”` : "No such connector"}
                  actions={
                    <button type="button" className="btn btn-line" onClick={() => setParams({}, { replace: true })}>
                      Show all connectors
                    </button>
                  }
                />
              </Note>
            ) : null}
          </Table>
          <div className="foot-line">
            <IconInfoCircle className="i i14" />
            <span className="cut">
              In the sandbox a stand-in answers in the vendor's own shape. Entering a credential switches to the real
              one.
            </span>
          </div>
        </main>
        {shown ? <ConnectorPanel key={shown.id} connector={shown} onClose={close} /> : null}
      </div>
    </>
  );
}

function capabilities(connector: Connector): { name: string; person: boolean }[] {
  const found = new Map<string, boolean>();
  for (const action of connector.actions)
    if (action.capability) found.set(action.capability, action.effect === "person");
  return [...found].map(([name, person]) => ({ name, person }));
}
