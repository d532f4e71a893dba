import { Modal, TextInput } from "@mantine/core";
import { IconKey, IconPlus, IconX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import type { ApiKey, KeyRole, NewApiKey } from "@/api/models";
import { useMay } from "@/api/session";
import { Confirm } from "@/ui/Confirm";
import { CopyButton } from "@/ui/JsonView";
import { SelectField } from "@/ui/SelectField";
import { Cell } from "@/ui/Table";
import { TimeAgo } from "@/ui/TimeAgo";
import { keyRoles, useKeyActions, useKeys } from "./data";

type Props = { made: NewApiKey | null; setMade: (key: NewApiKey | null) => void };

/** Keys for programs: made, shown once, revoked. */
export function Keys({ made, setMade }: Props) {
  const admin = useMay("admin");
  const { data, error } = useKeys(admin);
  const [adding, setAdding] = useState(false);
  const keys = (data ?? []).filter((key) => !key.revoked_at);
  return (
    <section id="keys" aria-labelledby="keys-h">
      <div className="sh">
        <h2 id="keys-h">API keys</h2>
        <p>For programs. A key acts as itself, never as a member.</p>
        <span className="push" />
        {admin ? (
          <button type="button" className="btn btn-line" onClick={() => setAdding(true)}>
            <IconPlus className="i i14" />
            New key
          </button>
        ) : null}
      </div>
      {made ? <Once made={made} close={() => setMade(null)} /> : null}
      {admin ? null : <p className="t2 s12">An admin can see and make keys.</p>}
      {error ? (
        <p className="call bad" role="alert">
          {error.message}
        </p>
      ) : null}
      {admin && data ? (
        <div className="box tbl" role="table" aria-label="API keys">
          <div className="grid keys" role="row">
            {["Name", "Role", "Begins with", "Made by", "Last used"].map((name) => (
              <span key={name} role="columnheader">
                {name}
              </span>
            ))}
            <span className="sr" role="columnheader">
              Revoke
            </span>
          </div>
          {keys.map((key) => (
            <KeyRow key={key.id} value={key} />
          ))}
          {keys.length === 0 ? (
            <div className="grid keys one" role="row">
              <Cell className="t2">No key yet. An application needs one to send events.</Cell>
            </div>
          ) : null}
        </div>
      ) : null}
      {adding ? (
        <NewKey
          onMade={(key) => {
            setMade(key);
            setAdding(false);
          }}
          onClose={() => setAdding(false)}
        />
      ) : null}
    </section>
  );
}

function KeyRow({ value: key }: { value: ApiKey }) {
  const { revoke } = useKeyActions();
  const [asking, setAsking] = useState(false);
  return (
    <div className="grid keys" role="row">
      <Cell className="strong cut">{key.name}</Cell>
      <Cell>
        <span className="tag">{key.role}</span>
      </Cell>
      <Cell className="mono t2">{key.prefix}</Cell>
      <Cell className="t2 cut">{key.created_by?.name || key.created_by?.email || "–"}</Cell>
      <Cell className="t2">{key.used_at ? <TimeAgo at={key.used_at} /> : "never"}</Cell>
      <Cell className="end">
        <button type="button" className="btn btn-quiet btn-sm" onClick={() => setAsking(true)}>
          Revoke
        </button>
      </Cell>
      {asking ? (
        <Confirm
          title={`Revoke ${key.name}?`}
          verb="Revoke it"
          act={() => revoke.mutateAsync(key.id)}
          onClose={() => setAsking(false)}
        >
          Whatever uses it is refused from now on. This cannot be taken back; make a new key instead.
        </Confirm>
      ) : null}
    </div>
  );
}

/** A new key, the only time it is shown. Closing it asks. */
function Once({ made, close }: { made: NewApiKey; close: () => void }) {
  const [asking, setAsking] = useState(false);
  const may = keyRoles.find((each) => each.value === made.role)?.may ?? "";
  return (
    <div className="box once" role="status">
      <span className="tile">
        <IconKey className="i" />
      </span>
      <span className="strong cut">Copy “{made.name}” now. This is the only time it is shown.</span>
      <button type="button" className="icon-btn" aria-label="Close" onClick={() => setAsking(true)}>
        <IconX className="i" />
      </button>
      <div className="field mono">
        <span className="cut">{made.key}</span>
      </div>
      <CopyButton text={made.key} label="Copy the key">
        Copy
      </CopyButton>
      <p className="t2 s12">We keep only its SHA-256. {may} Lost keys are replaced, not found.</p>
      {asking ? (
        <Confirm
          title="Have you kept the key?"
          verb="I have it"
          act={async () => close()}
          onClose={() => setAsking(false)}
        >
          It cannot be shown again. If it is lost, revoke it and make another.
        </Confirm>
      ) : null}
    </div>
  );
}

function NewKey({ onMade, onClose }: { onMade: (key: NewApiKey) => void; onClose: () => void }) {
  const { make } = useKeyActions();
  const [name, setName] = useState("");
  const [role, setRole] = useState<KeyRole>("ingest");
  const [wrong, setWrong] = useState("");
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return setWrong("Name it after the program that will use it, such as “App server”.");
    try {
      onMade(await make.mutateAsync({ name: name.trim(), role }));
    } catch (reason) {
      setWrong((reason instanceof ApiError && reason.field("name")) || (reason as Error).message);
    }
  };
  return (
    <Modal opened onClose={onClose} title="New API key" size={440} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="key-form" onSubmit={(event) => void send(event)}>
        <TextInput
          label="Name"
          data-autofocus
          value={name}
          maxLength={120}
          error={wrong}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setWrong("");
          }}
        />
        <div>
          <div className="lab">Role</div>
          <SelectField
            label="Role"
            value={role}
            choices={keyRoles}
            onChange={(value) => setRole(keyRoles.find((each) => each.value === value)?.value ?? "ingest")}
          />
          <p className="hint">{keyRoles.find((each) => each.value === role)?.may}</p>
        </div>
        <div className="dialog-foot">
          <button type="button" className="btn btn-quiet" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" className="btn btn-ink" disabled={make.isPending}>
            Make the key
          </button>
        </div>
      </form>
    </Modal>
  );
}
