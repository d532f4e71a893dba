import { Modal, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";

type Props = {
  title: string;
  verb: string;
  start?: string;
  act: (name: string) => Promise<unknown>;
  onClose: () => void;
};

/** Asks for a flow's name. */
export function NameDialog({ title, verb, start = "", act, onClose }: Props) {
  const [name, setName] = useState(start);
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (!wanted) return setWrong("Give the flow a name, such as “Onboarding”.");
    setBusy(true);
    try {
      await act(wanted);
      onClose();
    } catch (reason) {
      setWrong((reason instanceof ApiError && reason.field("name")) || (reason as Error).message);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size={440} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={(event) => void send(event)}>
        <TextInput
          label="Name"
          data-autofocus
          value={name}
          maxLength={200}
          error={wrong}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setWrong("");
          }}
        />
        <div className="dialog-foot">
          <button type="button" className="btn btn-quiet" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" className="btn btn-ink" disabled={busy}>
            {verb}
          </button>
        </div>
      </form>
    </Modal>
  );
}
