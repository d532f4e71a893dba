/** A condition as a field of its own: rows, or CEL. `rules-history` may also ask what a customer did (segments). */

import { Condition } from "./Condition";
import type { FieldProps } from "./field";
import { Labelled } from "./Labelled";

export function RulesField(props: FieldProps) {
  const { field, value, disabled, onChange } = props;
  return (
    <Labelled {...props} group>
      {() => (
        <div className="rules alone">
          <Condition
            value={value ?? field.schema.default ?? ""}
            label={field.label}
            disabled={disabled}
            history={field.widget === "rules-history"}
            onChange={onChange}
          />
        </div>
      )}
    </Labelled>
  );
}
