/** Label, help and error around a widget, in one look for all of them. */

import { type ReactNode, useEffect, useId } from "react";
import type { Issue } from "@/graph/check";
import { FieldHelp } from "./FieldHelp";
import type { Field } from "./schema";

export interface Ids {
  /** For the one input that the label names. */
  readonly input: string;
  readonly label: string;
  readonly described: string;
}

interface Props {
  field: Field;
  issue?: Issue | undefined;
  beside?: ReactNode;
  /** Several controls: the label names the group and leads to none of them. */
  group?: boolean;
  children: (ids: Ids) => ReactNode;
}

export function Labelled({ field, issue, beside, group = false, children }: Props) {
  const id = useId();
  const ids = { input: `${id}-input`, label: `${id}-label`, described: `${id}-help` };
  // The kit's inputs take no description from outside, so it is put on when they have none of their own.
  useEffect(() => {
    const input = document.getElementById(ids.input);
    if (input && !input.hasAttribute("aria-describedby")) input.setAttribute("aria-describedby", ids.described);
  });
  return (
    <div className="labelled">
      <div className="h">
        {group ? (
          <span id={ids.label}>{field.label}</span>
        ) : (
          <label id={ids.label} htmlFor={ids.input}>
            {field.label}
          </label>
        )}
        <FieldHelp field={field} />
        {beside ? <span className="push">{beside}</span> : null}
      </div>
      {children(ids)}
      <div id={ids.described}>
        {field.help ? <p className="help">{field.help}</p> : null}
        {issue ? (
          <p className="wrong" role="alert">
            {issue.message} {issue.fix}
          </p>
        ) : null}
      </div>
    </div>
  );
}
