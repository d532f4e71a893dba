"""`event.emit`: an event about this customer, as if it had come from outside; other flows may start with it."""

from __future__ import annotations

from typing import Any

from flowstudio.domain.chain import depth
from flowstudio.domain.decision import Decision, Emitted, Go
from flowstudio.domain.errors import InputError, TemplateError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import NodeType, Port, View
from flowstudio.domain.template import render_value

# An event that began a run whose event began a run …: so long a chain is a circle.
MAX_DEPTH = 10


class Emit(Config):
    """Which event, and what it says."""

    event: str = field("Event", "event-name", help="Flows that begin with it start.", min_length=1, max_length=255)
    properties: dict[str, Any] = field(
        "Properties", "key-value", default={}, render="value", help="Name and value; values may use Liquid."
    )


def _decide(config: Emit, view: View) -> Decision:
    after = depth(view.scope["event"]) + 1
    if after > MAX_DEPTH:
        raise InputError(
            f"“{config.event}” was not sent: {MAX_DEPTH} flows have started one another by now, so they go in a circle.",
            fix="Let one of them begin with another event.",
        )
    try:
        properties = render_value(config.properties, view.scope)
    except TemplateError as error:
        raise InputError(f"“{config.event}” was not sent: {error.message}", fix=error.fix) from None
    sent = Emitted(event=config.event, properties=properties, depth=after)
    return Go(
        port="out",
        reason=f"sent {config.event}",
        output={"event": config.event, "properties": properties},
        emits=(sent,),
    )


TYPE = NodeType(
    type="event.emit",
    name="Send an event",
    category="Data and vendors",
    kind="data",
    icon="broadcast",
    help="Sends an event about the customer, so that other flows start or go on.",
    config=Emit,
    ports=lambda _config: (Port(id="out", label="Then"),),
    summary="Send {event}",
    explain=lambda config: f"Send the event “{config.get('event') or '…'}” about the customer",
    decide=_decide,
)
