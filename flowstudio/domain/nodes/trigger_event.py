"""`trigger.event`: a run begins when an event with this name arrives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.domain.decision import Decision, Go
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import NodeType, Port, View


class EventTrigger(Config):
    """Which event, and which of them."""

    event: str = field("Event", "event-name", help="The name your application sends.", min_length=1, max_length=255)
    filter: str = field("Only when", "cel", default="", render="cel", help="A condition on the event or the customer.")


def _decide(config: EventTrigger, _view: View) -> Decision:
    return Go(port="out", reason=f"{config.event} arrived")


def _explain(config: Mapping[str, Any]) -> str:
    said = f"When a customer does “{config.get('event') or '…'}”"
    return f"{said} and {config['filter']}" if config.get("filter") else said


TYPE = NodeType(
    type="trigger.event",
    name="Event",
    category="Triggers",
    kind="trigger",
    icon="bolt",
    help="Starts a run for the customer each time this event arrives.",
    config=EventTrigger,
    ports=lambda _config: (Port(id="out", label="Then"),),
    summary="When {event}",
    explain=_explain,
    decide=_decide,
    trigger=True,
)
