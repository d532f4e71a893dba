/** Which secret a call uses. None means the sandbox, where there is one. */

import { Select } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type ComponentType, lazy, Suspense, useState } from "react";
import { useMay } from "@/api/session";
import { useCredentials } from "../data";
import { useWhere } from "./context";
import { common, type FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { asText } from "./schema";

interface NewCredentialProps {
  connector: string;
  onMade: (id: string) => void;
  onClose: () => void;
}
// Features do not know each other: what is entered under Connectors is found there when it is there.
const [load] = Object.values(
  import.meta.glob<{ default: ComponentType<NewCredentialProps> }>("../../connectors/NewCredential.tsx"),
);
const NewCredential = load ? lazy(load) : null;

export function CredentialField(props: FieldProps) {
  const admin = useMay("admin");
  const [entering, setEntering] = useState(false);
  const { type } = useWhere();
  // As the server has it: a step names its connector before the dot.
  const connector = type.vendor?.id ?? type.type.split(".")[0] ?? "";
  const { data = [] } = useCredentials(connector);
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
          {admin && !props.disabled ? (
            <button
              type="button"
              className="link s12 credential-new"
              onClick={() => setEntering(true)}
              data-testid="new-credential-open"
            >
              <IconPlus className="i i12" aria-hidden="true" /> {data.length ? "Enter another" : "Enter a credential"}
            </button>
          ) : data.length ? null : (
            <p className="help">An admin of the workspace enters credentials.</p>
          )}
          {entering && NewCredential ? (
            <Suspense fallback={null}>
              <NewCredential
                connector={connector}
                onClose={() => setEntering(false)}
                onMade={(id) => {
                  setEntering(false);
                  props.onChange(id);
                }}
              />
            </Suspense>
          ) : null}
        </>
      )}
    </Labelled>
  );
}
