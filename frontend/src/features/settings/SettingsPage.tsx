import "./settings.css";
import { IconAdjustments, IconKey, IconLock, IconPalette, IconSend, IconUsers } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useLocation } from "react-router";
import type { NewApiKey } from "@/api/models";
import { useMe } from "@/api/session";
import { Avatar } from "@/ui/Avatar";
import { Snippets } from "@/ui/Snippets";
import { Cell } from "@/ui/Table";
import { Clock } from "@/ui/TimeAgo";
import { Topbar } from "@/ui/Topbar";
import { useMembers } from "./data";
import { Keys } from "./Keys";
import { Looks } from "./Looks";
import { Password } from "./Password";

const parts = [
  {
    name: "Workspace",
    links: [
      { id: "general", name: "General", icon: IconAdjustments },
      { id: "members", name: "Members", icon: IconUsers },
      { id: "keys", name: "API keys", icon: IconKey },
      { id: "sending", name: "Sending events", icon: IconSend },
    ],
  },
  {
    name: "You",
    links: [
      { id: "appearance", name: "Appearance", icon: IconPalette },
      { id: "password", name: "Password", icon: IconLock },
    ],
  },
] as const;

/** The workspace, its members and keys, how to send events, and what is yours alone: one scroll. */
export function SettingsPage() {
  const { hash } = useLocation();
  const [made, setMade] = useState<NewApiKey | null>(null);
  const current = hash.slice(1) || "general";
  useEffect(() => {
    if (hash) document.getElementById(hash.slice(1))?.scrollIntoView({ block: "start" });
  }, [hash]);
  return (
    <>
      <Topbar title="Settings" />
      <div className="main">
        <nav className="set-nav" aria-label="Settings">
          {parts.map((part) => (
            <div key={part.name}>
              <h2>{part.name}</h2>
              {part.links.map(({ id, name, icon: Icon }) => (
                <a key={id} href={`#${id}`} aria-current={id === current ? "true" : undefined}>
                  <Icon className="i" />
                  {name}
                </a>
              ))}
            </div>
          ))}
        </nav>
        <main className="set">
          <General />
          <Members />
          <Keys made={made} setMade={setMade} />
          <section id="sending" aria-labelledby="sending-h">
            <div className="sh">
              <h2 id="sending-h">Sending events</h2>
              <p>From the Segment client you have: change one host name.</p>
            </div>
            <div className="box sending">
              <p className="t2">
                Make an API key with the role “ingest” and use it as the write key. What arrives, and what it did, is on
                the page Events within a second.
              </p>
              <Snippets writeKey={made?.role === "ingest" ? made.key : ""} />
            </div>
          </section>
          <Looks />
          <Password />
        </main>
      </div>
    </>
  );
}

function General() {
  const me = useMe();
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <section id="general" aria-labelledby="general-h">
      <div className="sh">
        <h2 id="general-h">General</h2>
      </div>
      <dl className="box kv general">
        <dt>Workspace</dt>
        <dd>{me.workspace.name}</dd>
        <dt>Short name</dt>
        <dd className="mono">{me.workspace.slug}</dd>
        <dt>Its zone</dt>
        <dd>{me.workspace.timezone}</dd>
        <dt>Times are shown in</dt>
        <dd>{mine}, your zone; the workspace's on hover</dd>
        <dt>Vendors</dt>
        <dd>{me.sandbox ? "Some answer from the sandbox" : "All are real"}</dd>
      </dl>
    </section>
  );
}

const may = { viewer: "View", editor: "Edit", admin: "Administer" } as const;

function Members() {
  const me = useMe();
  const { data, error } = useMembers();
  return (
    <section id="members" aria-labelledby="members-h">
      <div className="sh">
        <h2 id="members-h">Members</h2>
        <p>{data ? data.length : ""}</p>
      </div>
      {error ? (
        <p className="call bad" role="alert">
          {error.message}
        </p>
      ) : null}
      {data ? (
        <div className="box tbl" role="table" aria-label="Members">
          <div className="grid mem" role="row">
            <span role="columnheader" className="sr">
              Mark
            </span>
            <span />
            <span role="columnheader">Member</span>
            <span role="columnheader">May</span>
            <span role="columnheader">Since</span>
          </div>
          {data.map((member) => (
            <div key={member.id} className="grid mem" role="row">
              <Cell>
                <Avatar name={member.user.name || member.user.email} />
              </Cell>
              <Cell className="cut">
                <span className="strong">{member.user.name || member.user.email}</span>{" "}
                {member.user.id === me.user.id ? <span className="t3">(you) </span> : null}
                {member.user.name ? <span className="t2">{member.user.email}</span> : null}
              </Cell>
              <Cell>{may[member.role]}</Cell>
              <Cell className="t2">
                <Clock at={member.created_at} />
              </Cell>
            </div>
          ))}
        </div>
      ) : null}
    </section>
  );
}
