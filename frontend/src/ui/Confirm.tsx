import { Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";

type Props = {
  title: string;
  /** What will happen, in numbers and words. */
  children: ReactNode;
  /** What the button does, as a verb: "Delete the flow". */
  verb: string;
  act: () => Promise<unknown>;
  onClose: () => void;
};

/** Asks before what cannot be taken back. What fails is said here, with nothing lost. */
export function Confirm({ title, children, verb, act, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const go = async () => {
    setBusy(true);
    setWrong("");
    try {
      await act();
      onClose();
    } catch (reason) {
      setWrong(reason instanceof Error ? reason.message : String(reason));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size={440} closeButtonProps={{ "aria-label": "Close" }}>
      <div className="t2">{children}</div>
      {wrong ? (
        <p className="call bad confirm-wrong" role="alert">
          {wrong}
        </p>
      ) : null}
      <div className="dialog-foot">
        <button type="button" className="btn btn-quiet" onClick={onClose}>
          Leave it
        </button>
        <button type="button" className="btn btn-ink" data-autofocus disabled={busy} onClick={() => void go()}>
          {verb}
        </button>
      </div>
    </Modal>
  );
}
