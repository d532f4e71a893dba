import { IconEye, IconEyeOff, IconLock } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import type { Connector, Credential } from "@/api/models";
import { SelectField } from "@/ui/SelectField";
import { asked, type Field, fieldsOf, secretOf, useCredentials } from "./data";

type Props = { connector: Connector; onSaved: (credential: Credential) => void };

/** Enters a vendor's secret. It is write-only: after saving, only its last characters are shown. */
export function CredentialForm({ connector, onSaved }: Props) {
  const { add } = useCredentials();
  const all = fieldsOf(connector.credential_schema);
  const [name, setName] = useState(`${connector.name} key`);
  const [values, setValues] = useState<Record<string, string>>({});
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const fields = asked(all, values);
  const replaces = connector.credentials.length > 0;

  const send = async (event: FormEvent) => {
    event.preventDefault();
    const missing = fields.filter((field) => field.required && !(values[field.name] ?? field.start).trim());
    if (missing.length) {
      return setWrong(
        Object.fromEntries(missing.map((field) => [field.name, `Enter the ${field.label.toLowerCase()}.`])),
      );
    }
    setWrong({});
    try {
      onSaved(await add.mutateAsync({ connector: connector.id, name: name.trim(), secret: secretOf(fields, values) }));
      setValues({});
    } catch (reason) {
      setWrong(wrongOf(reason));
    }
  };
  return (
    <form className="form" onSubmit={(event) => void send(event)} noValidate autoComplete="off">
      <div className="h">{replaces ? "Another credential" : "Enter a credential"}</div>
      <div>
        <label className="lab" htmlFor="cred-name">
          Name
        </label>
        <div className="field">
          <input
            id="cred-name"
            value={name}
            maxLength={120}
            autoComplete="off"
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </div>
        <Wrong text={wrong.name} />
      </div>
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={values[field.name] ?? field.start}
          wrong={wrong[field.name]}
          onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
        />
      ))}
      <p className="hint">
        <IconLock className="i i12" />
        <span>Write only. Encrypted when you save, and never shown again, not even to an admin.</span>
      </p>
      {wrong[""] ? (
        <p className="call bad" role="alert">
          {wrong[""]}
        </p>
      ) : null}
      <div className="row">
        <span className="push" />
        <button type="submit" className="btn btn-ink" disabled={add.isPending}>
          {connector.mode === "sandbox" ? "Save and leave the sandbox" : "Save"}
        </button>
      </div>
    </form>
  );
}

/** What is wrong by field; what belongs to no field stands under "". */
function wrongOf(reason: unknown): Record<string, string> {
  if (!(reason instanceof ApiError) || reason.fields.length === 0) return { "": (reason as Error).message };
  return Object.fromEntries(reason.fields.map((each) => [each.field.replace(/^secret\./, ""), each.message]));
}

function Wrong({ text }: { text: string | undefined }) {
  return text ? (
    <p className="is-failed s12 wrong" role="alert">
      {text}
    </p>
  ) : null;
}

type InputProps = { field: Field; value: string; wrong: string | undefined; onChange: (value: string) => void };

function FieldInput({ field, value, wrong, onChange }: InputProps) {
  const [shown, setShown] = useState(false);
  const id = `cred-${field.name}`;
  const options = field.flag ? ["true", "false"] : field.options;
  return (
    <div>
      <label className="lab" htmlFor={id}>
        {field.label}
        {field.required ? null : <span className="t3">optional</span>}
      </label>
      {options.length ? (
        <SelectField
          label={field.label}
          value={value || options[0] || ""}
          choices={options.map((each) => ({ value: each, name: field.flag ? (each === "true" ? "Yes" : "No") : each }))}
          onChange={onChange}
        />
      ) : (
        <div className="field">
          <input
            id={id}
            type={field.secret && !shown ? "password" : "text"}
            inputMode={field.number ? "numeric" : undefined}
            value={value}
            placeholder={field.example}
            autoComplete={field.secret ? "new-password" : "off"}
            spellCheck={false}
            aria-invalid={wrong ? true : undefined}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
          {field.secret ? (
            <button
              type="button"
              className="icon-btn tiny"
              aria-label={shown ? "Hide what is typed" : "Show what is typed"}
              onClick={() => setShown(!shown)}
            >
              {shown ? <IconEyeOff className="i i14" /> : <IconEye className="i i14" />}
            </button>
          ) : null}
        </div>
      )}
      <Wrong text={wrong} />
      {field.help ? <p className="hint">{field.help}</p> : null}
    </div>
  );
}
