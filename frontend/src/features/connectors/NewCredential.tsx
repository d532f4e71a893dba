/** Enters a vendor's secret without leaving the flow; the step uses it from then on. It is write-only, as everywhere. */

import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { CredentialForm } from "./CredentialForm";
import { useConnectors } from "./data";
import "./connectors.css";

interface Props {
  connector: string;
  onMade: (id: string) => void;
  onClose: () => void;
}

export default function NewCredential({ connector, onMade, onClose }: Props) {
  const client = useQueryClient();
  const { data = [], error } = useConnectors();
  const found = data.find(({ id }) => id === connector);
  return (
    <Modal
      opened
      onClose={onClose}
      size={440}
      title={found ? `${found.name}: a new credential` : "A new credential"}
      closeButtonProps={{ "aria-label": "Close without a credential" }}
      data-testid="new-credential"
    >
      {found?.credential_schema ? (
        <CredentialForm
          connector={found}
          onSaved={async ({ id }) => {
            await client.invalidateQueries({ queryKey: ["credentials"] });
            onMade(id);
          }}
        />
      ) : (
        <p className={error ? "call bad" : "t2"}>{error?.message ?? (found ? "It needs none." : "One moment …")}</p>
      )}
    </Modal>
  );
}
