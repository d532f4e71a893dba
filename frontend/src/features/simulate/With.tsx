/** The event that begins it, and the moment at which it does. */

import { TextInput } from "@mantine/core";
import { IconBolt, IconClock } from "@tabler/icons-react";
import { useState } from "react";
import { clock } from "@/ui/time";
import { Choice } from "./Choice";
import type { Question } from "./question";
import { readValue, saidAs } from "./reads";

interface EventProps {
  name: string;
  properties: Question["properties"];
  /** What was sent along last time, where nothing was chosen. */
  assumed: Readonly<Record<string, unknown>>;
  reads: readonly string[];
  onChange: (properties: Question["properties"]) => void;
}

export function WithEvent({ name, properties, assumed, reads, onChange }: EventProps) {
  return (
    <Choice label="With" icon={<IconBolt className="i i14" />} text={name} width={136} testId="sim-event">
      {(close) => (
        <Properties
          start={properties ?? assumed}
          reads={reads}
          onDone={(given) => {
            onChange(given);
            close();
          }}
        />
      )}
    </Choice>
  );
}

interface PropertiesProps {
  start: Readonly<Record<string, unknown>>;
  reads: readonly string[];
  onDone: (properties: Record<string, unknown>) => void;
}

function Properties({ start, reads, onDone }: PropertiesProps) {
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(Object.entries(start).map(([name, value]) => [name, saidAs(value)])),
  );
  const fields = [...new Set([...reads, ...Object.keys(values)])];
  return (
    <form
      className="form sim-form"
      onSubmit={(event) => {
        event.preventDefault();
        const said = Object.entries(values).filter(([, text]) => text.trim() !== "");
        onDone(Object.fromEntries(said.map(([name, text]) => [name, readValue(text)])));
      }}
    >
      {fields.map((name, at) => (
        <TextInput
          key={name}
          label={name}
          placeholder="absent"
          value={values[name] ?? ""}
          {...(at === 0 && { "data-autofocus": true })}
          onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
        />
      ))}
      <p className="t3 s12">
        {fields.length
          ? "Properties that the flow reads, or that were sent before."
          : "The flow reads no property of the event."}
      </p>
      <button type="submit" className="btn btn-ink btn-sm">
        Send it so
      </button>
    </form>
  );
}

interface AtProps {
  at: string | null;
  shown: string;
  onChange: (at: string | null) => void;
}

function local(iso: string): string {
  const date = new Date(iso);
  const pad = (part: number) => String(part).padStart(2, "0");
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

export function AtMoment({ at, shown, onChange }: AtProps) {
  return (
    <Choice
      label="At"
      icon={<IconClock className="i i14" />}
      text={at ? clock(at, Date.now()) : "now"}
      width={132}
      testId="sim-at"
    >
      {(close) => (
        <form
          className="form sim-form"
          onSubmit={(event) => {
            event.preventDefault();
            const said = new FormData(event.currentTarget).get("at");
            const date = typeof said === "string" && said ? new Date(said) : null;
            onChange(date && !Number.isNaN(date.getTime()) ? date.toISOString() : null);
            close();
          }}
        >
          <TextInput
            type="datetime-local"
            name="at"
            label="It begins at (your time)"
            defaultValue={local(at ?? (shown || new Date().toISOString()))}
            data-autofocus
          />
          <div className="row">
            <button type="submit" className="btn btn-ink btn-sm">
              Set the clock
            </button>
            <button
              type="button"
              className="btn btn-quiet btn-sm"
              onClick={() => {
                onChange(null);
                close();
              }}
            >
              Now
            </button>
          </div>
        </form>
      )}
    </Choice>
  );
}
