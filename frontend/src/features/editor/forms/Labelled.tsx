/** Label, help and error around a widget that is no plain input, in the same look. */

import { type ReactNode, useId } from "react";
import type { Issue } from "@/graph/check";
import type { Field } from "./schema";

interface Props {
  field: Field;
  issue?: Issue | undefined;
  beside?: ReactNode;
  children: (ids: { readonly label: string; readonly described: string }) => ReactNode;
}

export function Labelled({ field, issue, beside, children }: Props) {
  const id = useId();
  const ids = { label: `${id}-label`, described: `${id}-help` };
  return (
    <div className="labelled">
      <div className="h">
        <span id={ids.label}>{field.label}</span>
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
