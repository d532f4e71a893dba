"""`wait.event`: until one of some events, or a timeout (SEMANTICS 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import field_validator

from flowstudio.domain.decision import Decision, EventCame, Go, Happening, WaitBranch, WaitFor
from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.graph import is_id
from flowstudio.domain.nodes.base import ConfigIssue, NodeType, Port, View, once
from flowstudio.domain.schedule import parse_duration, say


class Branch(Config):
    """One event that ends the wait."""

    id: str
    name: str = field("Name", "text", default="", max_length=120)
    event: str = field("Event", "event-name", min_length=1, max_length=255)
    filter: str = field("Only when", "cel", default="", render="cel")

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not is_id(value) or value == "timeout":
            raise ValueError("A branch's id must be letters, digits and _, and not “timeout”.")
        return value


class EventWait(Config):
    """The events, in order of preference, and the compulsory timeout (SEMANTICS 3.1)."""

    branches: tuple[Branch, ...] = field("Events", "wait-branches", min_length=1)
    timeout: str = field("At most", "duration", help="After this long the customer goes on by Timeout.")

    @field_validator("timeout")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            parse_duration(value)
        except ScheduleError as error:
            raise ValueError(f"{error.message} {error.fix}") from None
        return value


def _ports(config: Mapping[str, Any]) -> tuple[Port, ...]:
    branches = config.get("branches")
    found = [item for item in branches if isinstance(item, Mapping)] if isinstance(branches, list | tuple) else []
    named = [
        Port(id=str(item["id"]), label=str(item.get("name") or item.get("event") or f"Event {index + 1}"))
        for index, item in enumerate(found)
        if is_id(item.get("id"))
    ]
    return once(*named, Port(id="timeout", label="Timeout", kind="side"))


def _check(config: EventWait) -> Iterable[ConfigIssue]:
    ids = [branch.id for branch in config.branches]
    for index, identity in enumerate(ids):
        if identity in ids[:index]:
            yield ConfigIssue(
                code="config_invalid",
                severity="error",
                message=f"Two branches have the id “{identity}”.",
                field=f"branches.{index}.id",
                fix="Delete one of them.",
            )


def _decide(config: EventWait, view: View) -> Decision:
    return WaitFor(
        branches=tuple(WaitBranch(id=b.id, event=b.event, filter=b.filter) for b in config.branches),
        until=view.entered_at + parse_duration(config.timeout),
        reason=f"waits for {' or '.join(b.event for b in config.branches)}, at most {say(config.timeout)}",
    )


def _resume(config: EventWait, _view: View, happening: Happening) -> Decision:
    if isinstance(happening, EventCame):
        name = next((b.name or b.event for b in config.branches if b.id == happening.branch), happening.branch)
        return Go(port=happening.branch, reason=f"{name} came", output={"event": dict(happening.event)})
    return Go(port="timeout", reason=f"nothing came in {say(config.timeout)}")


def _explain(config: Mapping[str, Any]) -> str:
    names = [port.label for port in _ports(config)][:-1]
    return f"Wait for {' or '.join(names) or '…'}, at most {say(str(config.get('timeout') or '…'))}"


TYPE = NodeType(
    type="wait.event",
    name="For an event",
    category="Wait",
    kind="wait",
    icon="calendar-event",
    help="Holds each customer here until an event arrives, or the time is over.",
    config=EventWait,
    ports=_ports,
    summary="{branches:first} in {timeout:duration}",
    explain=_explain,
    decide=_decide,
    resume=_resume,
    check=_check,
    slim=True,
)
