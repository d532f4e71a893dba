import { IconDoorOff } from "@tabler/icons-react";
import { memo } from "react";
import { Link, useNavigate } from "react-router";
import type { Flow } from "@/api/models";
import { Avatar } from "@/ui/Avatar";
import { Chip } from "@/ui/Chip";
import { FlowThumbnail } from "@/ui/FlowThumbnail";
import { StateGlyph } from "@/ui/glyphs";
import { Sparkline } from "@/ui/Sparkline";
import { Cell, Row } from "@/ui/Table";
import { TimeAgo } from "@/ui/TimeAgo";
import { count } from "@/ui/time";
import { failing, lookOf } from "./flows";
import { RowMenu } from "./RowMenu";

/** One flow: its drawing, its sentence of now, its state and its numbers. */
export const FlowRow = memo(function FlowRow({ flow }: { flow: Flow }) {
  const navigate = useNavigate();
  const look = lookOf(flow);
  const { day, inside, failed, hours } = flow.volume;
  const ran = flow.published_version !== null;
  const changed = flow.has_unpublished_changes ? "Draft" : `v${flow.published_version}`;
  return (
    <Row className="flow-grid flow-row" onOpen={() => navigate(`/flows/${flow.id}`)}>
      <Cell>
        <span className="thumb">
          <FlowThumbnail drawing={flow.drawing} off={!ran} label={`Drawing of ${flow.name}`} />
        </span>
      </Cell>
      <Cell className="cut">
        <div className="nm">
          <Link className="cut" to={`/flows/${flow.id}`}>
            {flow.name}
          </Link>
          {flow.tags.slice(0, 3).map((tag) => (
            <span key={tag} className="tag">
              {tag}
            </span>
          ))}
        </div>
        <div className={failing(flow) ? "say cut bad" : "say cut"} title={flow.sentence}>
          {flow.sentence}
        </div>
      </Cell>
      <Cell>
        <Chip
          state={look.state}
          glyph={["closed", "stopped"].includes(flow.state) ? <IconDoorOff className="i i12" /> : undefined}
        >
          {look.word}
        </Chip>
      </Cell>
      <Cell className="row day">
        {ran ? <Sparkline values={hours} hot={failed > 0} /> : <span className="t3">–</span>}
        <span className="strong num grow">{ran ? count(day) : ""}</span>
      </Cell>
      <Cell className={ran ? "num strong" : "num t3"}>{ran ? count(inside) : "–"}</Cell>
      <Cell className="num">
        {failed > 0 ? (
          <Link className="row is-failed failed" to={`/runs?flow=${flow.id}&status=failed`}>
            <StateGlyph state="failed" />
            {count(failed)}
            <span className="sr">failed</span>
          </Link>
        ) : (
          <span className="t3">{ran ? 0 : "–"}</span>
        )}
      </Cell>
      <Cell className="owner">
        {flow.owner ? (
          <span title={flow.owner.name || flow.owner.email}>
            <Avatar name={flow.owner.name || flow.owner.email} />
            <span className="sr">{flow.owner.name || flow.owner.email}</span>
          </span>
        ) : null}
      </Cell>
      <Cell className="s12 cut changed">
        <div className={flow.has_unpublished_changes ? "strong" : "t2"}>{changed}</div>
        <div className="t3">
          <TimeAgo at={flow.changed_at} />
        </div>
      </Cell>
      <Cell>
        <RowMenu flow={flow} />
      </Cell>
    </Row>
  );
});
