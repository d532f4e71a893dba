/** How often one customer may enter, and in which time zone the flow thinks. */

import { Select } from "@mantine/core";
import { setSettings } from "@/graph/operations";
import { current } from "../actions";
import { graphOf, useEditor, useEditorStore } from "../store";

const REENTRY = [
  { value: "never", label: "Once in a lifetime" },
  { value: "after_exit", label: "Again, once they have left" },
  { value: "parallel", label: "As often as it happens, side by side" },
];

function zones(): string[] {
  const all = Intl.supportedValuesOf("timeZone");
  return all.includes("UTC") ? all : ["UTC", ...all];
}

export function Settings() {
  const editor = useEditorStore();
  const settings = useEditor((state) => graphOf(state).settings);
  const editable = useEditor((state) => state.editable);
  const set = (name: string, value: string | null) => {
    const { [name]: _, ...rest } = current(editor).settings;
    editor.act(setSettings(current(editor), value ? { ...rest, [name]: value } : rest));
    editor.rest();
  };
  return (
    <div className="form">
      <Select
        label="A customer may enter"
        data={REENTRY}
        disabled={!editable}
        value={typeof settings.reentry === "string" ? settings.reentry : "after_exit"}
        onChange={(value) => set("reentry", value)}
      />
      <Select
        label="Time zone"
        description="For waits until a time of day. A customer's own time zone goes first."
        placeholder="The workspace's"
        data={zones()}
        searchable
        clearable
        limit={100}
        disabled={!editable}
        value={typeof settings.timezone === "string" ? settings.timezone : null}
        onChange={(value) => set("timezone", value)}
      />
    </div>
  );
}
