/** Which secret a call uses. None means the sandbox, where there is one. */

import { Select } from "@mantine/core";
import { Link } from "react-router";
import { useCredentials } from "../data";
import { useWhere } from "./context";
import { common, type FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { asText } from "./schema";

export function CredentialField(props: FieldProps) {
  const { type } = useWhere();
  const { data = [] } = useCredentials(type.vendor?.id ?? "");
  const picked = asText(props.value);
  const options = data.map(({ id, name }) => ({ value: id, label: name }));
  if (picked && !options.some(({ value }) => value === picked))
    options.push({ value: picked, label: "A credential that is gone" });
  return (
    <Labelled {...props}>
      {(ids) => (
        <>
          <Select
            {...common(props, ids)}
            data={options}
            value={picked || null}
            clearable
            placeholder="The workspace's own"
            onChange={(value) => props.onChange(value ?? undefined)}
          />
          {data.length ? null : (
            <Link className="link s12" to="/connectors">
              Enter a credential
            </Link>
          )}
        </>
      )}
    </Labelled>
  );
}
