/** Asks what the flow that a branch becomes is called, and says what will happen. */

import { Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Tools } from "./commands";
import { useEditor, useEditorStore } from "./store";
import { takeOutAs } from "./subflows";

function Open({ proposed, waits, tools }: { proposed: string; waits: boolean; tools: Tools }) {
  const editor = useEditorStore();
  const [name, setName] = useState(proposed);
  const [busy, setBusy] = useState(false);
  const close = () => editor.setState({ naming: null });
  const make = async () => {
    if (!name.trim() || busy) return;
    setBusy(true);
    const made = await takeOutAs(tools, name.trim());
    setBusy(false);
    if (made) close();
  };
  return (
    <Modal opened onClose={close} title="A flow of its own" size={420} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextInput
          label="Name"
          value={name}
          maxLength={200}
          data-autofocus
          data-testid="subflow-name"
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <p className="t2 s12">
          The chosen steps move there, and one step here starts it.{" "}
          {waits
            ? "What follows here waits until it has ended, for 30 days at most."
            : "Nothing follows here, so that nothing waits for it."}
        </p>
        <div className="row">
          <span className="push" />
          <button type="button" className="btn btn-line" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="btn btn-ink" disabled={!name.trim() || busy} data-testid="subflow-make">
            Make the flow
          </button>
        </div>
      </form>
    </Modal>
  );
}

export function NameFlow({ tools }: { tools: Tools }) {
  const asked = useEditor((state) => state.naming);
  return asked ? <Open proposed={asked.name} waits={asked.waits} tools={tools} /> : null;
}
