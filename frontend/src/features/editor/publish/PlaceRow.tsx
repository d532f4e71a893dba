import { IconArrowRight, IconMinus, IconPencil } from "@tabler/icons-react";
import type { PublishPlace } from "@/api/models";
import { NodeIcon } from "@/canvas/icons";
import type { Catalogue } from "@/graph/catalogue";
import { Segments } from "@/ui/Segments";
import { SelectField } from "@/ui/SelectField";
import { count } from "@/ui/time";
import { type Choice, type Choices, type Chosen, chosenAt, thenOf } from "./plan";

interface Props {
  place: PublishPlace;
  published: number;
  catalogue: Catalogue;
  choices: Choices;
  onChoose: (node: string, chosen: Chosen) => void;
}

const SHOWN = 4;

/** One changed or removed node: what is different in it, who stands there, what becomes of them and what that means. */
export function PlaceRow({ place, published, catalogue, choices, onChoose }: Props) {
  const type = catalogue.get(place.type);
  const removed = place.kind === "removed";
  const { choice, to } = chosenAt(place, choices);
  const names: Record<Choice, string> = { move: "Move", finish: `Finish on v${published}`, exit: "Exit" };
  const many = removed && place.candidates.length > 1;
  return (
    <li className={`k-${type?.kind ?? "logic"}`} data-testid={`place-${place.node}`} data-choice={choice}>
      <span className="tile">
        <NodeIcon name={type?.icon ?? ""} />
        <span className="sig">{removed ? <IconMinus className="i" /> : <IconPencil className="i" />}</span>
      </span>
      <div className="cut">
        <div className="nm">
          <span className="cut">{place.name}</span>
          <span className="tag">{place.kind}</span>
        </div>
        {place.changes.slice(0, SHOWN).map((said) => (
          <div key={said} className="df">
            {said}
          </div>
        ))}
        {place.changes.length > SHOWN ? (
          <div className="df">and {place.changes.length - SHOWN} more changes</div>
        ) : null}
      </div>
      <div className="at">
        <div className="cnt">
          {place.inside ? (
            <>
              <b>{count(place.inside)}</b> {place.waiting === place.inside ? "wait here" : "here now"}
            </>
          ) : (
            "Nobody here"
          )}
        </div>
        {place.inside ? (
          <Segments
            label={`Customers at ${place.name}`}
            value={choice}
            choices={place.choices.map((value) => ({ value, name: names[value] }))}
            onChange={(value: Choice | "") => value && onChoose(place.node, { choice: value, ...(to ? { to } : {}) })}
          />
        ) : null}
        {place.inside && many && choice === "move" ? (
          <SelectField
            label={`Where those at ${place.name} go on`}
            value={to}
            onChange={(node) => onChoose(place.node, { choice: "move", to: node })}
            choices={[
              { value: "", name: "Go on at …" },
              ...place.candidates.map(({ id, name }) => ({ value: id, name })),
            ]}
          />
        ) : null}
      </div>
      {place.inside ? (
        <div className={choice ? "then" : "then ask"}>
          <IconArrowRight className="i i14" aria-hidden="true" />
          <span>{thenOf(place, choice, to)}</span>
        </div>
      ) : null}
    </li>
  );
}
