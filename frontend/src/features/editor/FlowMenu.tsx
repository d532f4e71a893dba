/** What can be done with the flow as a whole: copy, export, close, pause, delete. */

import { Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconAdjustmentsHorizontal,
  IconChevronDown,
  IconCopy,
  IconDoor,
  IconDoorOff,
  IconDownload,
  IconPlayerPause,
  IconPlayerPlay,
  IconTrash,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { BASE, post, remove } from "@/api/http";
import type { FlowDetail } from "@/api/models";
import { Confirm } from "@/ui/Confirm";
import { Resume } from "./Resume";

const FORMATS = [
  ["svg", "SVG drawing"],
  ["png", "PNG picture"],
  ["pdf", "PDF page"],
  ["dot", "Graphviz DOT"],
  ["mermaid", "Mermaid"],
  ["json", "Flow as JSON"],
] as const;

type Verb = "pause" | "close-entry" | "open-entry";

interface Props {
  flow: FlowDetail;
  editable: boolean;
  onSettings: () => void;
  /** Saves first, so that what leaves the editor is what is drawn. */
  onLeave: () => Promise<void>;
}

export function FlowMenu({ flow, editable, onSettings, onLeave }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const [resuming, setResuming] = useState(false);
  const attempt = async (work: () => Promise<unknown>, failed: string) => {
    try {
      await work();
      await client.invalidateQueries({ queryKey: ["flows"] });
    } catch (reason) {
      notifications.show({ title: failed, message: reason instanceof Error ? reason.message : String(reason) });
    }
  };
  const set = (verb: Verb) => void attempt(() => post(`flows/${flow.id}/${verb}/`), "The flow stayed as it was");
  const copy = () =>
    void attempt(async () => {
      await onLeave();
      const made = await post<{ id: string }>(`flows/${flow.id}/duplicate/`);
      navigate(`/flows/${made.id}`);
    }, "The flow was not copied");
  const download = (format: string) =>
    void onLeave().then(() => {
      const link = document.createElement("a");
      link.href = `${BASE}flows/${flow.id}/export/?as=${format}`;
      link.download = "";
      link.click();
    });
  const taking = flow.state === "live";
  return (
    <>
      <Menu position="bottom-start" width={220}>
        <Menu.Target>
          <button type="button" className="icon-btn sm" aria-label="Flow menu" data-testid="flow-menu">
            <IconChevronDown className="i i14" />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconAdjustmentsHorizontal className="i" />}
            onClick={onSettings}
            data-testid="flow-settings-item"
          >
            Settings
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Export</Menu.Label>
          {FORMATS.map(([format, name]) => (
            <Menu.Item
              key={format}
              leftSection={<IconDownload className="i" />}
              onClick={() => download(format)}
              data-testid={`export-${format}`}
            >
              {name}
            </Menu.Item>
          ))}
          {editable ? (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconCopy className="i" />} onClick={copy}>
                Duplicate the flow
              </Menu.Item>
              {taking ? (
                <Menu.Item leftSection={<IconDoorOff className="i" />} onClick={() => set("close-entry")}>
                  Close entry
                </Menu.Item>
              ) : null}
              {flow.state === "closed" ? (
                <Menu.Item leftSection={<IconDoor className="i" />} onClick={() => set("open-entry")}>
                  Open entry
                </Menu.Item>
              ) : null}
              {taking || flow.state === "closed" ? (
                <Menu.Item leftSection={<IconPlayerPause className="i" />} onClick={() => set("pause")}>
                  Pause
                </Menu.Item>
              ) : null}
              {flow.state === "paused" ? (
                <Menu.Item
                  leftSection={<IconPlayerPlay className="i" />}
                  onClick={() => setResuming(true)}
                  data-testid="flow-resume"
                >
                  Resume…
                </Menu.Item>
              ) : null}
              <Menu.Divider />
              <Menu.Item leftSection={<IconTrash className="i" />} onClick={() => setDeleting(true)}>
                Delete the flow
              </Menu.Item>
            </>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {resuming ? <Resume flow={flow} onClose={() => setResuming(false)} /> : null}
      {deleting ? (
        <Confirm
          title={`Delete ${flow.name}?`}
          verb="Delete the flow"
          act={async () => {
            await remove(`flows/${flow.id}/`);
            await client.invalidateQueries({ queryKey: ["flows"] });
            navigate("/");
          }}
          onClose={() => setDeleting(false)}
        >
          Its draft and versions go with it.{" "}
          {flow.volume.inside > 0
            ? `${flow.volume.inside} customers are inside; their runs end.`
            : "No customer is inside."}
        </Confirm>
      ) : null}
    </>
  );
}
