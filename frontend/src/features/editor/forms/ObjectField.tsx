/** A field that has fields of its own, such as a retry policy. */

import { type Config, isRecord } from "@/graph/document";
import { FieldView } from "./FieldView";
import type { FieldProps } from "./field";
import { applies, fieldsOf, withField } from "./schema";

export function ObjectField({ field, value, issue, disabled, onChange }: FieldProps) {
  const config: Config = isRecord(value) ? (value as Config) : {};
  const inner = fieldsOf(field.schema);
  return (
    <fieldset className="form-inner">
      <legend className="h">{field.label}</legend>
      {field.help ? <p className="help">{field.help}</p> : null}
      {issue ? <p className="wrong">{issue.message}</p> : null}
      <div className="form">
        {inner
          .filter((each) => applies(each, config, inner))
          .map((each) => (
            <FieldView
              key={each.name}
              field={each}
              value={config[each.name]}
              disabled={disabled}
              onChange={(next) => onChange(withField(config, each, next))}
            />
          ))}
      </div>
    </fieldset>
  );
}
