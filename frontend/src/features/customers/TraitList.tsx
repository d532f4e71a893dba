import { Popover } from "@mantine/core";
import type { CustomerDetail, Json, Provenance } from "@/api/models";
import { Clock } from "@/ui/TimeAgo";
import { history, kindOf, letter, shown, sourceName } from "./traits";

/** Every trait with who brought it; opened, all the values it was ever given. */
export function TraitList({ customer }: { customer: CustomerDetail }) {
  const names = Object.keys(customer.traits).sort();
  return (
    <section className="sect">
      <div className="h">
        Traits<span className="t3">{names.length}</span>
      </div>
      {names.length === 0 ? <p className="t3 s12">None yet. They come with “identify” and from vendors.</p> : null}
      <ul className="traits">
        {names.map((name) => (
          <Trait
            key={name}
            name={name}
            value={customer.traits[name] ?? null}
            values={history(customer.provenance[name] ?? [])}
          />
        ))}
      </ul>
    </section>
  );
}

function Trait({ name, value, values }: { name: string; value: Json; values: readonly Provenance[] }) {
  const winner = values.find((each) => each.won) ?? values[0];
  const losers = values.filter((each) => each !== winner);
  const last = losers[0];
  return (
    <li>
      <Popover width={288} position="bottom-start" shadow="none" withinPortal trapFocus={false} returnFocus>
        <Popover.Target>
          <button type="button" className="trait" title={shown(value)}>
            <span className="cut">{name}</span>
            <span className="cut">
              {shown(value)}
              {last ? <s className="loser">{shown(last.value)}</s> : null}
            </span>
            {winner ? (
              <span className="src" title={sourceName(winner.source)}>
                {letter(winner.source)}
              </span>
            ) : (
              <span />
            )}
          </button>
        </Popover.Target>
        <Popover.Dropdown className="prov-pop">
          <div className="row">
            <span className="strong cut">{name}</span>
            <span className="tag">{kindOf(value)}</span>
            <span className="push strong cut">{shown(value)}</span>
          </div>
          {winner ? (
            <p className="t2">
              From <b>{sourceName(winner.source)}</b>.{" "}
              {losers.length ? "The latest, so it won." : "The only one so far."}
            </p>
          ) : null}
          <ul className="prov">
            {values.map((each) => (
              <li key={`${each.source}:${each.occurred_at}:${each.reference}`} className={each.won ? "on" : undefined}>
                <b className="cut" title={shown(each.value)}>
                  {shown(each.value)}
                </b>
                <span className="row">
                  <span className="src">{letter(each.source)}</span>
                  <span className="cut">{sourceName(each.source)}</span>
                  {each.won ? null : <span className="sr">, replaced</span>}
                </span>
                <Clock at={each.occurred_at} />
              </li>
            ))}
          </ul>
        </Popover.Dropdown>
      </Popover>
    </li>
  );
}
