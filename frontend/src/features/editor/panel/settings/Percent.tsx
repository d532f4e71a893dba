/** A share of customers. */

import { NumberInput } from "@mantine/core";
import { common, type FieldProps } from "../../forms/field";
import { Labelled } from "../../forms/Labelled";

export function Percent(props: FieldProps) {
  const { field, value, onChange } = props;
  return (
    <Labelled {...props}>
      {(ids) => (
        <NumberInput
          {...common(props, ids)}
          value={typeof value === "number" ? value : ""}
          placeholder="0 %"
          suffix=" %"
          min={field.schema.minimum}
          max={field.schema.maximum}
          clampBehavior="none"
          decimalScale={2}
          hideControls
          onChange={(next) => onChange(typeof next === "number" && next !== 0 ? next : undefined)}
        />
      )}
    </Labelled>
  );
}
