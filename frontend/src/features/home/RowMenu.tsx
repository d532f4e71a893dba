import { Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconCopy,
  IconDoorEnter,
  IconDoorOff,
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconSchema,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Flow } from "@/api/models";
import { useMay } from "@/api/session";
import { Confirm } from "@/ui/Confirm";
import { plural } from "@/ui/time";
import { moveNames, movesOf, useFlowActions, type Verb } from "./flows";
import { NameDialog } from "./NameDialog";
import { Resume } from "./Resume";

const icons: Record<Verb, typeof IconDots> = {
  "close-entry": IconDoorOff,
  "open-entry": IconDoorEnter,
  pause: IconPlayerPause,
  resume: IconPlayerPlay,
  drain: IconDoorOff,
  stop: IconPlayerStop,
};

const said: Record<Verb, (name: string) => string> = {
  "close-entry": (name) => `${name} lets nobody new in. Those inside go on.`,
  "open-entry": (name) => `${name} lets people in again.`,
  pause: (name) => `${name} is paused. Timers keep their due time.`,
  resume: (name) => `${name} goes on.`,
  drain: (name) => `${name} lets nobody new in and ends when it is empty.`,
  stop: (name) => `${name} is stopped.`,
};

function tell(message: string): void {
  notifications.show({ message });
}

const sorry = (reason: unknown) => tell(reason instanceof Error ? reason.message : String(reason));

/** What can be done with one flow of the list. */
export function RowMenu({ flow }: { flow: Flow }) {
  const navigate = useNavigate();
  const edits = useMay("editor");
  const { act, rename, drop } = useFlowActions();
  const [asking, setAsking] = useState<"" | "stop" | "delete" | "rename" | "resume">("");
  const inside = flow.volume.inside;
  const history = flow.published_version !== null;

  const move = async (verb: Verb) => {
    if (verb === "stop" || verb === "resume") return setAsking(verb);
    try {
      await act.mutateAsync({ id: flow.id, verb });
      tell(said[verb](flow.name));
    } catch (reason) {
      sorry(reason);
    }
  };
  const duplicate = () =>
    act
      .mutateAsync({ id: flow.id, verb: "duplicate" })
      .then((made) => tell(`${made.name} is a draft of its own now.`))
      .catch(sorry);

  return (
    <>
      <Menu width={200} withinPortal>
        <Menu.Target>
          <button type="button" className="icon-btn sm" aria-label={`More for ${flow.name}`}>
            <IconDots className="i i14" />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSchema className="i" />} onClick={() => navigate(`/flows/${flow.id}`)}>
            Open
          </Menu.Item>
          {edits ? (
            <>
              <Menu.Item leftSection={<IconCopy className="i" />} onClick={() => void duplicate()}>
                Duplicate
              </Menu.Item>
              <Menu.Item leftSection={<IconPencil className="i" />} onClick={() => setAsking("rename")}>
                Rename…
              </Menu.Item>
              {movesOf(flow).length ? <Menu.Divider /> : null}
              {movesOf(flow).map((verb) => {
                const Icon = icons[verb];
                return (
                  <Menu.Item key={verb} leftSection={<Icon className="i" />} onClick={() => void move(verb)}>
                    {moveNames[verb]}
                  </Menu.Item>
                );
              })}
              <Menu.Divider />
              <Menu.Item leftSection={<IconTrash className="i" />} onClick={() => setAsking("delete")}>
                {history ? "Archive…" : "Delete…"}
              </Menu.Item>
            </>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {asking === "resume" ? <Resume flow={flow} onClose={() => setAsking("")} /> : null}
      {asking === "stop" ? (
        <Confirm
          title={`Stop ${flow.name}?`}
          verb={inside ? `Stop, end ${plural(inside, "run")}` : "Stop it"}
          act={() => act.mutateAsync({ id: flow.id, verb: "stop" })}
          onClose={() => setAsking("")}
        >
          {inside
            ? `${plural(inside, "customer is", "customers are")} inside. Their runs end where they are; nothing more is sent to them.`
            : "Nobody is inside. It lets nobody in any more."}
        </Confirm>
      ) : null}
      {asking === "delete" ? (
        <Confirm
          title={history ? `Archive ${flow.name}?` : `Delete ${flow.name}?`}
          verb={history ? "Archive it" : "Delete it"}
          act={() => drop.mutateAsync(flow.id)}
          onClose={() => setAsking("")}
        >
          {history
            ? "It leaves the list. Its runs, and what they did, stay readable. A flow that still runs has to be stopped first."
            : "The draft is gone for good. It was never published, so nobody travelled through it."}
        </Confirm>
      ) : null}
      {asking === "rename" ? (
        <NameDialog
          title={`Rename ${flow.name}`}
          verb="Rename"
          start={flow.name}
          act={(name) => rename.mutateAsync({ id: flow.id, name })}
          onClose={() => setAsking("")}
        />
      ) : null}
    </>
  );
}
