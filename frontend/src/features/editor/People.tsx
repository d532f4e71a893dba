/** Who else has this flow open, in the bar; pressing one goes to the step that they have chosen. */

import { Tooltip } from "@mantine/core";
import { createContext, useContext } from "react";
import type { Person } from "@/live/client";
import { Avatar } from "@/ui/Avatar";
import { hue } from "@/ui/names";
import { graphOf, useEditor, useEditorStore } from "./store";

export const PeopleContext = createContext<readonly Person[]>([]);
const SHOWN = 4;

/** The tone of a person, the same as their avatar has. */
export function toneOf(name: string): string {
  return ["", "b", "c", "d"][hue(name, 4)] ?? "";
}

export function called({ name, you }: Person): string {
  return you ? "You, at another page" : name;
}

export function People() {
  const editor = useEditorStore();
  const people = useContext(PeopleContext);
  const names = useEditor((state) => graphOf(state).nodes);
  if (!people.length) return null;
  const doing = (person: Person) => {
    const id = person.chosen[0];
    const node = names.find((each) => each.id === id);
    return node ? `${called(person)}: ${node.name || node.id}` : called(person);
  };
  return (
    <div className="people" role="group" aria-label="Also here" data-testid="people">
      {people.slice(0, SHOWN).map((person) => (
        <Tooltip key={person.id} label={doing(person)}>
          <button
            type="button"
            aria-label={doing(person)}
            data-testid="person"
            onClick={() => {
              const [id] = person.chosen;
              if (id) editor.setState({ looked: id });
            }}
          >
            <Avatar name={person.name} size={22} />
          </button>
        </Tooltip>
      ))}
      {people.length > SHOWN ? <span className="more">+{people.length - SHOWN}</span> : null}
    </div>
  );
}
