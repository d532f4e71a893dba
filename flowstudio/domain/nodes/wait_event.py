"""`wait.event`: until one of some events or conditions, or a timeout (SEMANTICS 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import field_validator

from flowstudio.domain import expression
from flowstudio.domain.decision import Decision, EventCame, Go, Happening, WaitBranch, WaitFor
from flowstudio.domain.errors import InputError, ScheduleError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.graph import is_id
from flowstudio.domain.nodes.base import ConfigIssue, NodeType, Port, View, once
from flowstudio.domain.rules import first_rule, to_cel
from flowstudio.domain.schedule import parse_duration, say


class Branch(Config):
    """One way to end the wait: an event, or (with `when`) a condition on the customer.

    `since_entry`: an event that came since the customer entered counts, too. `consume`: of several runs that wait for
    one event the oldest takes it (SEMANTICS 3.2, 3.5).
    """

    id: str
    name: str = field("Name", "text", default="", max_length=120)
    event: str = field("Event", "event-name", default="", max_length=255)
    filter: str = field("Only when", "cel", default="", render="cel")
    when: str | dict[str, Any] = ""
    since_entry: bool = False
    consume: bool = False

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not is_id(value) or value == "timeout":
            raise ValueError("A branch's id must be letters, digits and _, and not “timeout”.")
        return value

    @property
    def condition(self) -> str:
        """`when` as CEL, '' for an event."""
        return self.when if isinstance(self.when, str) else to_cel(self.when)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.event or first_rule(self.when) or "condition"


class EventWait(Config):
    """The events and conditions, in order of preference, and the compulsory timeout (SEMANTICS 3.1)."""

    branches: tuple[Branch, ...] = field("Events and conditions", "wait-branches", min_length=1)
    timeout: str = field("At most", "duration", help="After this long the customer goes on by Timeout.")
    restart_on: tuple[str, ...] = field(
        "Wait anew after",
        "event-names",
        default=(),
        max_length=20,
        help="Each of these events begins the time anew, at most 100 times.",
    )

    @field_validator("timeout")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            parse_duration(value)
        except ScheduleError as error:
            raise ValueError(f"{error.message} {error.fix}") from None
        return value


def _kind(item: Mapping[str, Any]) -> str:
    return "Condition" if item.get("when") else "Event"


def _ports(config: Mapping[str, Any]) -> tuple[Port, ...]:
    branches = config.get("branches")
    found = [item for item in branches if isinstance(item, Mapping)] if isinstance(branches, list | tuple) else []
    named = [
        Port(id=str(item["id"]), label=str(item.get("name") or item.get("event") or f"{_kind(item)} {index + 1}"))
        for index, item in enumerate(found)
        if is_id(item.get("id"))
    ]
    return once(*named, Port(id="timeout", label="Timeout", kind="side"))


def _issue(message: str, place: str, fix: str) -> ConfigIssue:
    return ConfigIssue(code="config_invalid", severity="error", message=message, field=place, fix=fix)


def _check(config: EventWait) -> Iterable[ConfigIssue]:
    ids = [branch.id for branch in config.branches]
    for index, branch in enumerate(config.branches):
        if branch.id in ids[:index]:
            said = f"Two branches have the id “{branch.id}”."
            yield _issue(said, f"branches.{index}.id", "Delete one of them.")
        if not branch.when:
            if not branch.event.strip():
                yield _issue(f"Branch {index + 1} waits for nothing.", f"branches.{index}.event", "Choose an event.")
            continue
        if branch.event:
            said = f"Branch {index + 1} has an event and a condition."
            yield _issue(said, f"branches.{index}.when", "Keep one of the two, and add a branch for the other.")
        try:
            read = expression.references(branch.condition)
        except InputError:
            continue  # the validator says so, at the same place
        if any(path.split(".")[0] == "steps" for path in read):
            said = "A condition of a wait is judged again when the customer changes, so it cannot read a step's answer."
            yield _issue(said, f"branches.{index}.when", "Read a trait instead.")
    if any(not name.strip() for name in config.restart_on):
        yield _issue("An event that begins the time anew has no name.", "restart_on", "Write its name or remove it.")


def _decide(config: EventWait, view: View) -> Decision:
    branches = []
    for branch in config.branches:
        condition = branch.condition if branch.when else ""
        branches.append(
            WaitBranch(
                id=branch.id, event=branch.event, filter=branch.filter, when=condition, since_entry=branch.since_entry,
                consume=branch.consume,
            )
        )  # fmt: skip
        if condition:
            verdict = expression.judge(condition, view.scope)
            if verdict.matched:
                said = f"{branch.title} already: {verdict.reason}" if verdict.reason else f"{branch.title} already"
                return Go(port=branch.id, reason=said, reads=verdict.reads, output={"already_true": True})
    span = parse_duration(config.timeout)
    return WaitFor(
        branches=tuple(branches),
        until=view.entered_at + span,
        reason=f"waits for {' or '.join(b.title for b in config.branches)}, at most {say(config.timeout)}",
        restart_on=config.restart_on,
        span=span,
    )


def _resume(config: EventWait, view: View, happening: Happening) -> Decision:
    if not isinstance(happening, EventCame):
        return Go(port="timeout", reason=f"nothing came in {say(config.timeout)}")
    branch = next((b for b in config.branches if b.id == happening.branch), None)
    if branch is None or not branch.when:
        name = branch.name or branch.event if branch else happening.branch
        return Go(port=happening.branch, reason=f"{name} came", output={"event": dict(happening.event)})
    # What counted was true when the trait changed; by now it may be otherwise again.
    verdict = expression.judge(branch.condition, view.scope)
    why = f": {verdict.reason}" if verdict.matched and verdict.reason else ""
    return Go(port=branch.id, reason=f"{branch.title} came true{why}", reads=verdict.reads)


def _explain(config: Mapping[str, Any]) -> str:
    names = [port.label for port in _ports(config)][:-1]
    said = f"Wait for {' or '.join(names) or '…'}, at most {say(str(config.get('timeout') or '…'))}"
    anew = config.get("restart_on")
    named = [str(name) for name in anew if name] if isinstance(anew, list | tuple) else []
    return f"{said}, each time anew after {' or '.join(named)}" if named else said


TYPE = NodeType(
    type="wait.event",
    name="For an event",
    category="Wait",
    kind="wait",
    icon="calendar-event",
    help="Holds each customer here until an event arrives or a condition is true, or the time is over.",
    config=EventWait,
    ports=_ports,
    summary="{branches:first} in {timeout:duration}",
    explain=_explain,
    decide=_decide,
    resume=_resume,
    check=_check,
    slim=True,
)
