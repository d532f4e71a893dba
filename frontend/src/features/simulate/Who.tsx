/** Who goes through: a customer of the workspace, or somebody invented with the traits that the flow reads. */

import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconUser } from "@tabler/icons-react";
import { useState } from "react";
import { usePages } from "@/api/pages";
import { called } from "@/api/people";
import { Tabs } from "@/ui/Tabs";
import { Choice } from "./Choice";
import type { Invented, Question } from "./question";
import { readValue, saidAs } from "./reads";

interface Props {
  question: Question;
  /** How whoever went last is called. */
  shown: string;
  traits: readonly string[];
  onChange: (who: Question["who"]) => void;
}

export function Who({ question, shown, traits, onChange }: Props) {
  const { who } = question;
  const text =
    who === null ? shown || "Somebody" : "id" in who ? who.name : who.name || who.email || "Somebody invented";
  return (
    <Choice label="Send" icon={<IconUser className="i i14" />} text={text} width={156} testId="sim-who">
      {(close) => <WhoBox who={who} traits={traits} onChange={onChange} close={close} />}
    </Choice>
  );
}

type BoxProps = Pick<Props, "traits" | "onChange"> & { who: Question["who"]; close: () => void };

function WhoBox({ who, traits, onChange, close }: BoxProps) {
  const [kind, setKind] = useState<"known" | "invented">(who && !("id" in who) ? "invented" : "known");
  return (
    <>
      <Tabs
        label="Who goes through"
        value={kind}
        choices={[
          { value: "known", name: "A customer" },
          { value: "invented", name: "Invent one" },
        ]}
        onChange={setKind}
      />
      {kind === "known" ? (
        <Known
          onPick={(picked) => {
            onChange(picked);
            close();
          }}
        />
      ) : (
        <Invent who={who && !("id" in who) ? who : null} traits={traits} onDone={onChange} close={close} />
      )}
    </>
  );
}

function Known({ onPick }: { onPick: (who: Question["who"]) => void }) {
  const [search, setSearch] = useState("");
  const [q] = useDebouncedValue(search.trim(), 200);
  const people = usePages("customers/", { q });
  return (
    <div className="form sim-known">
      <TextInput
        aria-label="Name, address or id"
        placeholder="Name, address or id"
        value={search}
        data-autofocus
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ul>
        {(people.rows ?? []).slice(0, 30).map((person) => (
          <li key={person.id}>
            <button type="button" onClick={() => onPick({ id: person.id, name: called(person) })}>
              <span className="cut">{called(person)}</span>
              <span className="t3 cut push">{person.name ? person.email : ""}</span>
            </button>
          </li>
        ))}
        {people.rows?.length === 0 ? (
          <li className="t3 s12">{q ? "Nobody is called so." : "Nobody is here yet. Invent somebody."}</li>
        ) : null}
      </ul>
    </div>
  );
}

interface InventProps {
  who: Invented | null;
  traits: readonly string[];
  onDone: (who: Invented) => void;
  close: () => void;
}

function Invent({ who, traits, onDone, close }: InventProps) {
  const [name, setName] = useState(who?.name ?? "");
  const [email, setEmail] = useState(who?.email ?? "");
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(Object.entries(who?.traits ?? {}).map(([trait, value]) => [trait, saidAs(value)])),
  );
  const fields = [...new Set([...traits.filter((trait) => trait !== "email"), ...Object.keys(values)])];
  return (
    <form
      className="form sim-form"
      onSubmit={(event) => {
        event.preventDefault();
        const said = Object.entries(values).filter(([, text]) => text.trim() !== "");
        onDone({
          name: name.trim(),
          email: email.trim(),
          traits: Object.fromEntries(said.map(([trait, text]) => [trait, readValue(text)])),
        });
        close();
      }}
    >
      <TextInput label="Name" value={name} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput label="E-mail address" value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
      {fields.map((trait) => (
        <TextInput
          key={trait}
          label={trait}
          placeholder="unknown"
          value={values[trait] ?? ""}
          onChange={(event) => setValues({ ...values, [trait]: event.currentTarget.value })}
        />
      ))}
      <p className="t3 s12">
        {fields.length ? "These traits are read by the flow. What stays empty is unknown." : "The flow reads no trait."}
      </p>
      <button type="submit" className="btn btn-ink btn-sm">
        Send them through
      </button>
    </form>
  );
}
