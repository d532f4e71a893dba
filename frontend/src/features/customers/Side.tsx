import type { CustomerDetail, Json } from "@/api/models";
import { called } from "@/api/people";
import { CopyButton } from "@/ui/JsonView";
import { initials } from "@/ui/names";
import { Clock, TimeAgo } from "@/ui/TimeAgo";
import { Reach } from "./Reach";
import { TraitList } from "./TraitList";
import { letter, sourceName } from "./traits";

/** Who this is: names, ids, traits with their origin. */
export function Side({ customer }: { customer: CustomerDetail }) {
  const name = called(customer);
  const others = customer.aliases.map(alias).filter((each) => each !== "" && each !== customer.external_id);
  const sources = new Set(Object.values(customer.provenance).flatMap((each) => each.map((row) => row.source)));
  return (
    <aside className="cust-side" aria-label="Customer">
      <div className="cust-id">
        <span className="mark">{initials(name)}</span>
        <div className="cut">
          <h2 className="cut" title={name}>
            {name}
          </h2>
          <div className="t2 cut">{customer.email && customer.email !== name ? customer.email : ""}</div>
        </div>
      </div>
      <dl className="kv cust-facts">
        <dt>Customer id</dt>
        <dd className="row end">
          <span className="mono cut" title={customer.external_id || customer.id}>
            {customer.external_id || customer.id}
          </span>
          <CopyButton text={customer.external_id || customer.id} label="Copy the customer id" />
        </dd>
        {others.length ? (
          <>
            <dt>Also known as</dt>
            <dd className="cut" title={others.join("\n")}>
              {others.length === 1 ? others[0] : `${others.length} other ids`}
            </dd>
          </>
        ) : null}
        <dt>Known since</dt>
        <dd>
          <Clock at={customer.created_at} />
        </dd>
        <dt>Last seen</dt>
        <dd>
          <TimeAgo at={customer.seen_at} />
        </dd>
      </dl>
      <Reach customer={customer} />
      <div className="cust-scroll">
        <TraitList customer={customer} />
      </div>
      {sources.size ? (
        <footer className="sources">
          {[...sources].sort().map((source) => (
            <span key={source} className="row">
              <span className="src">{letter(source)}</span>
              {sourceName(source)}
            </span>
          ))}
        </footer>
      ) : null}
    </aside>
  );
}

function alias(value: Json): string {
  if (typeof value === "string") return value;
  if (value && typeof value === "object" && !Array.isArray(value)) return String(value.value ?? "");
  return "";
}
