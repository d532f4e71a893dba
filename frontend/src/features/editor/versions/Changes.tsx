import { IconArrowsSplit2, IconMinus, IconPencil, IconPlus } from "@tabler/icons-react";
import type { VersionDiff } from "@/api/models";
import { NodeIcon } from "@/canvas/icons";
import type { Catalogue } from "@/graph/catalogue";
import type { Mark } from "@/graph/compare";
import { plural } from "@/ui/time";

const SIGNS = { added: IconPlus, changed: IconPencil, removed: IconMinus } as const;

interface Props {
  diff: VersionDiff;
  catalogue: Catalogue;
  node: string | null;
  onNode: (id: string) => void;
}

function Item(props: {
  id: string;
  name: string;
  type: string;
  mark: Mark;
  said: readonly string[];
  on: boolean;
  catalogue: Catalogue;
  onNode: (id: string) => void;
}) {
  const { id, mark, said, on } = props;
  const type = props.catalogue.get(props.type);
  const Sign = SIGNS[mark];
  return (
    <li className={`k-${type?.kind ?? "logic"} ${on ? "on" : ""}`} data-testid={`change-${id}`} data-mark={mark}>
      <button type="button" onClick={() => props.onNode(id)} aria-pressed={on}>
        <span className="tile s">
          <NodeIcon name={type?.icon ?? ""} />
        </span>
        <span className="cut grow strong">{props.name || type?.name || id}</span>
        <span className={`mark m-${mark}`}>
          <Sign className="i i12" aria-hidden="true" />
          {mark}
        </span>
      </button>
      {said.map((sentence) => (
        <p key={sentence} className="t2 s12">
          {sentence}
        </p>
      ))}
    </li>
  );
}

/** What is different, step by step, then lines and settings; each step leads to its card. */
export function Changes({ diff, catalogue, node, onNode }: Props) {
  if (diff.same) return <p className="t2">Nothing is different.</p>;
  const { added, changed, removed, moved } = diff.nodes;
  const rest = { catalogue, onNode };
  return (
    <div className="changes">
      <ul>
        {changed.map((each) => (
          <Item
            key={each.id}
            {...rest}
            {...each}
            mark="changed"
            said={each.fields.map((field) => field.sentence)}
            on={node === each.id}
          />
        ))}
        {added.map((each) => (
          <Item key={each.id} {...rest} {...each} mark="added" said={[]} on={node === each.id} />
        ))}
        {removed.map((each) => (
          <Item key={each.id} {...rest} {...each} mark="removed" said={[]} on={node === each.id} />
        ))}
      </ul>
      {diff.edges.length ? (
        <section>
          <h3 className="h">
            <IconArrowsSplit2 className="i i12" aria-hidden="true" /> Lines
          </h3>
          {diff.edges.map((edge) => (
            <p key={edge.sentence} className="t2 s12">
              {edge.sentence}
            </p>
          ))}
        </section>
      ) : null}
      {diff.settings.length ? (
        <section>
          <h3 className="h">Settings of the flow</h3>
          {diff.settings.map((field) => (
            <p key={field.sentence} className="t2 s12">
              {field.sentence}
            </p>
          ))}
        </section>
      ) : null}
      {moved.length || diff.notes.length ? (
        <p className="t3 s12">
          {[
            moved.length ? `${plural(moved.length, "card lies", "cards lie")} elsewhere` : "",
            diff.notes.length ? `${plural(diff.notes.length, "note")} changed` : "",
          ]
            .filter(Boolean)
            .join(", ")}
          . Customers do not notice.
        </p>
      ) : null}
    </div>
  );
}
