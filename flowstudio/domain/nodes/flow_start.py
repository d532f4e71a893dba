"""`flow.start`: a run of another flow for the same customer, on its own or waited for.

The other flow must begin with `trigger.manual`; whether the customer may enter it is judged there, by its own rules
(SEMANTICS 1.4). Flows may start one another a few levels deep, so that two that start each other come to an end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import field_validator

from flowstudio.domain import chain
from flowstudio.domain.decision import Decision, EventCame, Go, Happening, Start, WaitBranch, WaitFor
from flowstudio.domain.errors import ScheduleError, TemplateError
from flowstudio.domain.fields import Config, field, labelled
from flowstudio.domain.nodes.base import NodeType, Port, View
from flowstudio.domain.schedule import parse_duration, say
from flowstudio.domain.template import render_value

DEEPEST = 5
_ENDED = "out"


class FlowStart(Config):
    """Which flow, what it is told, and whether its end is waited for."""

    flow: str = field("Flow", "flow", help="It must begin with “By hand or by a flow”.", min_length=1)
    mode: Literal["go_on", "wait"] = labelled(
        field("Then", "select", default="go_on", help="The other flow's run goes its own way in either case."),
        go_on="go on at once",
        wait="wait until it has ended",
    )
    timeout: str = field("At most", "duration", default="30d", help="After this long the customer goes on by Timeout.",
                         when={"mode": "wait"})  # fmt: skip
    properties: dict[str, Any] = field(
        "Properties", "traits", default={}, render="value", help="What the other flow finds in event.properties."
    )

    @field_validator("timeout")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            parse_duration(value)
        except ScheduleError as error:
            raise ValueError(f"{error.message} {error.fix}") from None
        return value


def _ports(config: Mapping[str, Any]) -> tuple[Port, ...]:
    if config.get("mode") == "wait":
        return (Port(id=_ENDED, label="Ended"), Port(id="timeout", label="Timeout", kind="side"))
    return (Port(id=_ENDED, label="Then"),)


def _decide(config: FlowStart, view: View) -> Decision:
    depth = chain.depth(view.scope["event"]) + 1
    if depth > DEEPEST:
        said = f"Flows have started one another {DEEPEST} times in a row; this one was not started any more."
        return Go(port=_ENDED, reason="not started", flagged=said, output={"status": "not_started", "reason": said})
    try:
        properties = render_value(config.properties, view.scope)
    except TemplateError as error:
        said = error.message
        return Go(port=_ENDED, reason="not started", flagged=said, output={"status": "not_started", "reason": said})
    if config.mode == "go_on":
        start = Start(flow=config.flow, properties=properties, told="", depth=depth)
        return Go(port=_ENDED, reason="started the other flow", output={"status": "started"}, starts=start)
    told = f"ended:{view.scope['run']['id']}:{view.node}:{view.visit}"
    return WaitFor(
        branches=(WaitBranch(id=_ENDED, event=told),),
        until=view.entered_at + parse_duration(config.timeout),
        reason=f"waits until the other flow has ended, at most {say(config.timeout)}",
        starts=Start(flow=config.flow, properties=properties, told=told, depth=depth),
    )


def _resume(config: FlowStart, _view: View, happening: Happening) -> Decision:
    if isinstance(happening, EventCame):
        found = happening.event.get("properties")
        ended = dict(found) if isinstance(found, Mapping) else {}
        if ended.get("status") == "not_started":
            said = str(ended.get("reason") or "")
            return Go(port=_ENDED, reason="the other flow did not start", output=ended, flagged=said)
        return Go(port=_ENDED, reason=f"the other flow ended: {ended.get('status')}", output=ended)
    return Go(port="timeout", reason=f"the other flow has not ended in {say(config.timeout)}")


TYPE = NodeType(
    type="flow.start",
    name="Start a flow",
    category="Logic",
    kind="logic",
    icon="sitemap",
    help="Sends the customer through another flow, too: alongside, or first and then on from here.",
    config=FlowStart,
    ports=_ports,
    summary="{mode:startmode}",
    explain=lambda config: (
        f"Start another flow and wait until it has ended, at most {say(str(config.get('timeout') or '30d'))}"
        if config.get("mode") == "wait"
        else "Start another flow"
    ),
    decide=_decide,
    resume=_resume,
    output={"status": "completed", "reason": "end_of_path", "run": "01j…"},
)
