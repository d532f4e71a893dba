/** The flow's name, renamed in place. */

import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { patch } from "@/api/http";
import type { FlowDetail } from "@/api/models";

export function FlowName({ flow, editable }: { flow: FlowDetail; editable: boolean }) {
  const client = useQueryClient();
  const [text, setText] = useState<string | null>(null);
  const save = async () => {
    const name = (text ?? "").trim();
    setText(null);
    if (!name || name === flow.name) return;
    client.setQueryData<FlowDetail>(["flows", flow.id], (old) => (old ? { ...old, name } : old));
    try {
      await patch(`flows/${flow.id}/`, { name });
    } catch (reason) {
      notifications.show({
        title: "The flow kept its name",
        message: reason instanceof Error ? reason.message : String(reason),
      });
    }
    await client.invalidateQueries({ queryKey: ["flows"] });
  };
  if (text === null) {
    return editable ? (
      <h1 className="title cut">
        <button type="button" className="cut" title="Rename" onClick={() => setText(flow.name)} data-testid="flow-name">
          {flow.name}
        </button>
      </h1>
    ) : (
      <h1 className="title cut">{flow.name}</h1>
    );
  }
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it opens on request, to be typed into
      autoFocus
      className="name-field"
      aria-label="Name of the flow"
      value={text}
      maxLength={200}
      size={Math.max(8, text.length)}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => void save()}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setText(null);
      }}
    />
  );
}
