import "./people.css";
import { useDebouncedValue } from "@mantine/hooks";
import { IconUsers } from "@tabler/icons-react";
import { memo } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { Customer, Json } from "@/api/models";
import { usePages } from "@/api/pages";
import { called } from "@/api/people";
import { LiveBanner } from "@/live/LiveBanner";
import { Avatar } from "@/ui/Avatar";
import { QueryBanner } from "@/ui/Banner";
import { EmptyState } from "@/ui/EmptyState";
import { More } from "@/ui/More";
import { SearchField } from "@/ui/SearchField";
import { SkeletonRows } from "@/ui/Skeleton";
import { Cell, Note, Row, Table } from "@/ui/Table";
import { TimeAgo } from "@/ui/TimeAgo";
import { Topbar } from "@/ui/Topbar";
import { shown } from "./traits";

const heads = [
  { key: "customer", name: "Customer" },
  { key: "company", name: "Company" },
  { key: "traits", name: "Traits" },
  { key: "since", name: "Known since" },
  { key: "seen", name: "Last seen" },
];

/** Everybody who ever arrived, the last seen first. */
export function CustomersPage() {
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const [q] = useDebouncedValue(search.trim(), 200);
  const people = usePages("customers/", { q }, 10_000);
  const set = (value: string) => setParams(value ? { q: value } : {}, { replace: true });
  return (
    <>
      <Topbar title="Customers" />
      <div className="main">
        <main className="page">
          <LiveBanner />
          <QueryBanner error={people.error} since={people.since} retry={people.refetch} />
          <div className="toolbar">
            <SearchField value={search} onChange={set} placeholder="Name, address or id" width={300} />
          </div>
          <Table
            label="Customers"
            grid="people-grid"
            heads={heads}
            busy={!people.rows}
            stale={Boolean(people.error) || people.stale}
          >
            {people.rows || people.error ? null : (
              <SkeletonRows className="grid people-grid people-row" cells={5} rows={14} />
            )}
            {people.rows?.map((customer) => (
              <PersonRow key={customer.id} customer={customer} />
            ))}
            {people.rows?.length === 0 ? (
              q ? (
                <Note>
                  <EmptyState
                    title={`Nobody matches “${q}”`}
                    actions={
                      <button type="button" className="btn btn-line" onClick={() => set("")}>
                        Show everybody
                      </button>
                    }
                  >
                    Names, e-mail addresses and ids are searched.
                  </EmptyState>
                </Note>
              ) : (
                <Note>
                  <EmptyState
                    icon={<IconUsers className="i i18" />}
                    kind="data"
                    title="Nobody has arrived yet"
                    actions={
                      <Link className="btn btn-ink" to="/settings#sending">
                        How to send events
                      </Link>
                    }
                  >
                    A customer appears with the first event that names them.
                  </EmptyState>
                </Note>
              )
            ) : null}
            {people.has ? (
              <Note>
                <More has={people.has} busy={people.busy} load={people.more} />
              </Note>
            ) : null}
          </Table>
        </main>
      </div>
    </>
  );
}

// Said already by the columns beside it, or by others of the traits.
const known = new Set(
  "email name first_name last_name firstName lastName company company_name legal_name domain country_code".split(" "),
);
// What a marketer branches on comes first.
const telling = ["employees", "plan", "industry", "country", "city"];
const place = (name: string) => (telling.includes(name) ? telling.indexOf(name) : telling.length);

const PersonRow = memo(function PersonRow({ customer }: { customer: Customer }) {
  const navigate = useNavigate();
  const to = `/customers/${customer.id}`;
  const company = customer.traits.company_name ?? customer.traits.company;
  const others = Object.entries(customer.traits)
    .filter(([name, value]) => !known.has(name) && plain(value))
    .sort(([a], [b]) => place(a) - place(b));
  return (
    <Row className="people-grid people-row" onOpen={() => navigate(to)}>
      <Cell className="row">
        <Avatar name={called(customer)} size={24} />
        <div className="cut">
          <Link className="cut strong block" to={to}>
            {called(customer)}
          </Link>
          {customer.email && customer.email !== called(customer) ? (
            <div className="cut say t3">{customer.email}</div>
          ) : null}
        </div>
      </Cell>
      <Cell className="cut">{company === undefined ? <span className="t3">–</span> : shown(company)}</Cell>
      <Cell className="cut t2 s12">
        {others
          .slice(0, 4)
          .map(([name, value]) => `${name.replaceAll("_", " ")} ${shown(value)}`)
          .join(" · ")}
      </Cell>
      <Cell className="t3 s12">
        <TimeAgo at={customer.created_at} />
      </Cell>
      <Cell className="t3 s12">
        <TimeAgo at={customer.seen_at} />
      </Cell>
    </Row>
  );
});

function plain(value: Json): boolean {
  return typeof value !== "object" || value === null;
}
