/** The ? beside a label: what the field is for, how it is written, an example. */

import { Popover } from "@mantine/core";
import { IconHelp } from "@tabler/icons-react";
import { HELP } from "./help";
import type { Field } from "./schema";

function exampleOf(field: Field): string {
  const given = field.schema["x-placeholder"] ?? field.schema.examples?.[0];
  return given === undefined ? "" : typeof given === "string" ? given : JSON.stringify(given);
}

function bounds({ schema }: Field): string {
  const { minimum, maximum, maxLength } = schema;
  if (minimum !== undefined && maximum !== undefined) return `From ${minimum} to ${maximum}.`;
  if (minimum !== undefined) return `At least ${minimum}.`;
  if (maximum !== undefined) return `At most ${maximum}.`;
  return maxLength !== undefined && maxLength <= 500 ? `At most ${maxLength} characters.` : "";
}

export function FieldHelp({ field }: { field: Field }) {
  const help = HELP[field.widget];
  const example = exampleOf(field) || help?.example || "";
  const limits = bounds(field);
  if (!field.help && !help && !example && !limits) return null;
  return (
    <Popover width={280} position="bottom-start" withArrow={false} trapFocus={false} returnFocus>
      <Popover.Target>
        <button type="button" className="icon-btn ask" aria-label={`Help for ${field.label}`}>
          <IconHelp className="i i12" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="field-help" data-testid="field-help">
        {field.help ? <p>{field.help}</p> : null}
        {help || limits ? <p className="t2">{[help?.how, limits].filter(Boolean).join(" ")}</p> : null}
        {example ? (
          <p className="t2">
            For example <code>{example}</code>
          </p>
        ) : null}
        <p className="t3">{field.required ? "Must be filled in." : "May be left empty."}</p>
      </Popover.Dropdown>
    </Popover>
  );
}
