/** The blocks of an e-mail in its step's form: what there is, in a line each. They are written in the e-mail editor. */

import type { FieldProps } from "../forms/field";
import { Labelled } from "../forms/Labelled";
import { blocksOf, NAMES, said } from "./blocks";

export function BlocksField({ field, value, issue }: FieldProps) {
  const blocks = blocksOf(value);
  return (
    <Labelled field={field} issue={issue} group>
      {() =>
        blocks.length ? (
          <ol className="block-lines" data-testid="block-lines">
            {blocks.map((block) => (
              <li key={block.id} className="cut">
                {NAMES[block.kind]} <span className="t2">{said(block)}</span>
              </li>
            ))}
          </ol>
        ) : (
          <p className="help">There are none yet. Press “Edit e-mail”.</p>
        )
      }
    </Labelled>
  );
}
