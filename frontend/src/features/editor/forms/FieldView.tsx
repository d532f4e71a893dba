/** One field: its label, its widget, its help, and what is wrong with it. */

import type { FieldProps } from "./field";
import { widgetFor } from "./widgets";

export function FieldView(props: FieldProps) {
  const Widget = widgetFor(props.field.widget, props.value);
  return (
    <div data-field={props.field.name} data-testid={`field-${props.field.name}`}>
      <Widget {...props} />
    </div>
  );
}
