"""`join`: where the arms of a Parallel meet: all of them, the first, or so many; with a time limit or without (9.2, 9.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import field_validator

from flowstudio.domain.decision import Decision, Gather, Go
from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.fields import Config, field, labelled
from flowstudio.domain.nodes.base import ConfigIssue, NodeType, Port, View
from flowstudio.domain.schedule import parse_duration, say


class Join(Config):
    """How many arms must come, and for how long they are waited for."""

    mode: Literal["all", "any", "count"] = labelled(
        field("Goes on when", "select", default="all", help="Arms that are not needed any more are stopped."),
        all="all arms have come",
        any="the first arm has come",
        count="so many arms have come",
    )
    count: int = field("How many arms", "number", default=2, ge=1, le=10, when={"mode": "count"})
    timeout: str = field(
        "At most",
        "duration",
        default="",
        help="Counted from the Parallel. Then the customer goes on by Timeout. Empty: for as long as it takes.",
    )

    @field_validator("timeout")
    @classmethod
    def _readable(cls, value: str) -> str:
        if not value.strip():
            return ""
        try:
            parse_duration(value)
        except ScheduleError as error:
            raise ValueError(f"{error.message} {error.fix}") from None
        return value


def needed(config: Join, arms: int) -> int:
    """How many of so many arms must come."""
    return {"all": arms, "any": 1, "count": min(config.count, arms)}[config.mode]


def within(config: Join) -> timedelta | None:
    """For how long the arms are waited for, from the Parallel on."""
    return parse_duration(config.timeout) if config.timeout else None


def _ports(config: Mapping[str, Any]) -> tuple[Port, ...]:
    out = Port(id="out", label="Then")
    timed = isinstance(config.get("timeout"), str) and config["timeout"].strip()
    return (Port(id="out", label="In time"), Port(id="timeout", label="Timeout", kind="side")) if timed else (out,)


def _check(config: Join) -> Iterable[ConfigIssue]:
    if config.mode == "count" and config.count == 1:
        yield ConfigIssue(
            code="join_of_one",
            severity="hint",
            message="One of the arms is “the first”.",
            field="mode",
            fix="Choose “the first arm has come”.",
        )


def _decide(config: Join, view: View) -> Decision:
    gathered = view.gathered
    if gathered is None:
        return Go(port="out", reason="no arm was waited for")
    came, arms = len(gathered.came), len(gathered.arms)
    output = {"came": list(gathered.came), "first": gathered.came[0] if came else None, "failed": dict(gathered.failed)}
    if gathered.state == "met":
        said = f"all {arms} arms have come" if came == arms else f"{came} of {arms} arms have come"
        return Go(port="out", reason=said, output=output)
    if gathered.until is not None and view.now >= gathered.until:
        return Go(port="timeout", reason=f"{came} of {arms} arms came in {say(config.timeout)}", output=output)
    return Gather(reason=f"waits for {gathered.need - came} more of {arms} arms")


def _explain(config: Mapping[str, Any]) -> str:
    said = {"any": "Go on when the first arm has come", "count": f"Go on when {config.get('count', 2)} arms have come"}
    text = said.get(str(config.get("mode")), "Go on when all arms have come")
    return f"{text}, at most {say(str(config['timeout']))}" if config.get("timeout") else text


TYPE = NodeType(
    type="join",
    name="Join",
    category="Logic",
    kind="logic",
    icon="arrows-join-2",
    help="Brings the arms of a Parallel together: when all have come, the first, or as many as you say.",
    config=Join,
    ports=_ports,
    summary="{mode:join}",
    explain=_explain,
    decide=_decide,
    check=_check,
    slim=True,
    output={"came": ["email", "sms"], "first": "email", "failed": {}},
)
