"""`trigger.segment`: a run begins when a customer comes into a segment, or leaves it (SEMANTICS 1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from flowstudio.domain.decision import Decision, Go
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import NodeType, Port, View


class SegmentTrigger(Config):
    """Which segment, and which way."""

    segment: str = field("Segment", "segment", min_length=1, max_length=26)
    direction: Literal["enter", "leave"] = field(
        "When a customer", "select", default="enter", options={"enter": "Comes into it", "leave": "Leaves it"}
    )


def _decide(config: SegmentTrigger, _view: View) -> Decision:
    return Go(port="out", reason="came into the segment" if config.direction == "enter" else "left the segment")


def _explain(config: Mapping[str, Any]) -> str:
    return f"When a customer {'leaves' if config.get('direction') == 'leave' else 'comes into'} the segment"


TYPE = NodeType(
    type="trigger.segment",
    name="Segment",
    category="Triggers",
    kind="trigger",
    icon="users-group",
    help="Starts a run when a customer comes into a segment, or leaves it. Publishing asks about those who are in already.",
    config=SegmentTrigger,
    ports=lambda _config: (Port(id="out", label="Then"),),
    summary="When a customer {direction:came}",
    explain=_explain,
    decide=_decide,
    trigger=True,
)
