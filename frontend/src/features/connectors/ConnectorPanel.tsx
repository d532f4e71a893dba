import { IconExternalLink, IconFlask } from "@tabler/icons-react";
import { useState } from "react";
import type { Connector, Credential } from "@/api/models";
import { useMay } from "@/api/session";
import { Confirm } from "@/ui/Confirm";
import { StateGlyph } from "@/ui/glyphs";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { money } from "@/ui/time";
import { CredentialForm } from "./CredentialForm";
import { type Tested, useCredentials } from "./data";

/** One connector at the side: what it offers, with which key, and how to change that. */
export function ConnectorPanel({ connector, onClose }: { connector: Connector; onClose: () => void }) {
  const admin = useMay("admin");
  const { test } = useCredentials();
  const [result, setResult] = useState<(Tested & { id: string }) | null>(null);
  const [wrong, setWrong] = useState("");
  const prove = async (id: string) => {
    setWrong("");
    setResult(null);
    try {
      setResult({ ...(await test.mutateAsync(id)), id });
    } catch (reason) {
      setWrong((reason as Error).message);
    }
  };
  const saved = (credential: Credential) => {
    if (connector.can_test) void prove(credential.id);
  };
  return (
    <Panel
      label="Connector"
      width={400}
      mark={<span className="tile k-data letter">{connector.letter}</span>}
      title={connector.name}
      sub={connector.help}
      beside={
        connector.docs_url ? (
          <a className="btn btn-line btn-sm" href={safe(connector.docs_url)} target="_blank" rel="noreferrer">
            <IconExternalLink className="i i14" />
            Vendor's page
          </a>
        ) : null
      }
      onClose={onClose}
    >
      <section>
        <div className="h act-head">
          Actions<span className="t3">{connector.actions.length}</span>
        </div>
        <ul className="act">
          {connector.actions.map((action) => (
            <li key={action.id}>
              <b>{action.name}</b>
              <span className="t2">{action.price ? `${money(action.price)} a call` : "free"}</span>
              <p>{action.help}</p>
              <div className="row tags">
                {action.capability ? (
                  <span className={action.effect === "person" ? "cap m" : "cap"}>{action.capability}</span>
                ) : null}
                {action.idempotent !== "no" ? <span className="tag">safe to retry</span> : null}
              </div>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <div className="h act-head">
          Credentials<span className="t3">{connector.credentials.length || ""}</span>
        </div>
        {connector.mode === "builtin" ? <p className="t2 s12">It is part of the product and needs none.</p> : null}
        {connector.mode === "needs_credential" ? (
          <p className="t2 s12">It has no sandbox. Steps that use it fail until a credential is entered.</p>
        ) : null}
        {connector.mode === "sandbox" || connector.credentials.length ? (
          <ul className="act">
            {connector.credentials.map((credential) => (
              <CredentialItem
                key={credential.id}
                credential={credential}
                last={connector.credentials.length === 1}
                sandbox={connector.mode === "connected" && connector.can_test}
                canTest={connector.can_test}
                admin={admin}
                testing={test.isPending}
                onTest={() => void prove(credential.id)}
              />
            ))}
            {connector.mode === "sandbox" ? (
              <li className="cred-row">
                <span className="row">
                  <IconFlask className="i i14 t2" />
                  <b>Sandbox</b>
                  <span className="t2 cut">a stand-in answers; nobody is charged or written to</span>
                </span>
              </li>
            ) : null}
          </ul>
        ) : null}
        {result ? (
          <p className={result.ok ? "call ok tested" : "call bad tested"} role="status">
            <StateGlyph state={result.ok ? "succeeded" : "failed"} />
            <span>{result.message}</span>
          </p>
        ) : null}
        {wrong ? (
          <p className="call bad tested" role="alert">
            {wrong}
          </p>
        ) : null}
      </section>
      {connector.credential_schema && admin ? (
        <CredentialForm key={connector.id} connector={connector} onSaved={saved} />
      ) : null}
      {connector.credential_schema && !admin ? <p className="t3 s12">An admin can enter credentials.</p> : null}
    </Panel>
  );
}

type ItemProps = {
  credential: Credential;
  last: boolean;
  sandbox: boolean;
  canTest: boolean;
  admin: boolean;
  testing: boolean;
  onTest: () => void;
};

function CredentialItem({ credential, last, canTest, admin, testing, onTest }: ItemProps) {
  const { drop } = useCredentials();
  const [asking, setAsking] = useState(false);
  return (
    <li className="cred-row">
      <span className="row">
        <StateGlyph state="succeeded" />
        <b className="cut">{credential.name}</b>
        {credential.hint ? <span className="t2">ends in {credential.hint}</span> : null}
      </span>
      {admin ? (
        <span className="row">
          {canTest ? (
            <button type="button" className="btn btn-line btn-sm" disabled={testing} onClick={onTest}>
              Test
            </button>
          ) : null}
          <button type="button" className="btn btn-quiet btn-sm" onClick={() => setAsking(true)}>
            Revoke
          </button>
        </span>
      ) : null}
      <p>
        {credential.tested_at ? (
          <>
            Tested <TimeAgo at={credential.tested_at} />: {credential.test_result}
          </>
        ) : (
          <>
            Entered <TimeAgo at={credential.created_at} />, not tested
          </>
        )}
      </p>
      {asking ? (
        <Confirm
          title={`Revoke ${credential.name}?`}
          verb="Revoke it"
          act={() => drop.mutateAsync(credential.id)}
          onClose={() => setAsking(false)}
        >
          The secret is forgotten for good.{" "}
          {last ? "It is the last one here: from then on the sandbox answers again, where there is one." : ""}
        </Confirm>
      ) : null}
    </li>
  );
}

/** The address if it is a web page, else none: a link must never run anything. */
function safe(url: string): string | undefined {
  return /^https?:\/\//.test(url) ? url : undefined;
}
