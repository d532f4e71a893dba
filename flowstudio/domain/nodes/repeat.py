"""`repeat`: the only way to do something several times (SEMANTICS 9.4).

Rounds are counted in the node's own output, so that a Repeat inside another one begins anew with each of its rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from pydantic import field_validator

from flowstudio.domain import expression
from flowstudio.domain.decision import Decision, Go, Happening, Sleep
from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import ConfigIssue, NodeType, Port, View
from flowstudio.domain.schedule import parse_duration, say

MOST = 100
SHORTEST = timedelta(minutes=1)


class Repeat(Config):
    """How often, how far apart, and when that is enough."""

    times: int = field("How often at most", "number", default=3, ge=1, le=MOST)
    pause: str = field("Pause between", "duration", default="1d", help="Before each round but the first; at least 1m.")
    until: str = field(
        "Until",
        "cel",
        default="",
        render="cel",
        help="Judged before each round: when it is true, the customer goes on at once. Empty: always as often as above.",
    )

    @field_validator("pause")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            pause = parse_duration(value)
        except ScheduleError as error:
            raise ValueError(f"{error.message} {error.fix}") from None
        if pause < SHORTEST:
            raise ValueError("The pause must be at least 1 minute, so that nobody is flooded.")
        return value


_PORTS = (Port(id="body", label="Each time", kind="side"), Port(id="done", label="Then"))


def _round(view: View) -> int:
    """The round that this arrival is about: one more where it comes back from the last one, else the first."""
    last = view.last if isinstance(view.last, Mapping) else {}
    back = not last.get("done", True) if view.returned is None else view.returned
    number = last.get("round", 0)
    return int(number) + 1 if back and isinstance(number, int | float) else 1


def _judge(config: Repeat, view: View, number: int) -> Go:
    ran = number - 1
    if config.until.strip():
        verdict = expression.judge(config.until, view.scope)
        if verdict.matched:
            return Go(
                port="done", reason=f"{verdict.reason}, after {_times(ran)}", reads=verdict.reads,
                output={"round": ran, "done": True},
            )  # fmt: skip
    else:
        verdict = expression.Verdict(matched=False)
    if number > config.times:
        return Go(
            port="done", reason=f"done {_times(ran)}", reads=verdict.reads, flagged=verdict.flagged,
            output={"round": ran, "done": True},
        )  # fmt: skip
    return Go(
        port="body", reason=f"round {number} of {config.times}", reads=verdict.reads, flagged=verdict.flagged,
        output={"round": number, "done": False},
    )  # fmt: skip


def _times(count: int) -> str:
    return {0: "no round", 1: "1 round"}.get(count, f"{count} rounds")


def _decide(config: Repeat, view: View) -> Decision:
    number = _round(view)
    judged = _judge(config, view, number)
    if number == 1 or judged.port == "done":
        return judged
    pause = parse_duration(config.pause)
    return Sleep(until=view.entered_at + pause, reason=f"pauses {say(config.pause)} before round {number}")


def _resume(config: Repeat, view: View, _happening: Happening) -> Decision:
    return _judge(config, view, _round(view))


def _check(config: Repeat) -> Iterable[ConfigIssue]:
    if config.times == 1:
        yield ConfigIssue(
            code="repeat_once",
            severity="hint",
            message="This repeats nothing: it is done once.",
            field="times",
            fix="Choose at least 2.",
        )


def _explain(config: Mapping[str, Any]) -> str:
    text = f"Repeat up to {config.get('times', 3)} times, {say(str(config.get('pause') or '1d'))} apart"
    return f"{text}, until {config['until']}" if config.get("until") else text


TYPE = NodeType(
    type="repeat",
    name="Repeat",
    category="Logic",
    kind="logic",
    icon="repeat",
    help="Sends each customer through the same steps several times, with a pause between, until a condition is true.",
    config=Repeat,
    ports=lambda _config: _PORTS,
    summary="Up to {times}×, {pause:duration} apart",
    explain=_explain,
    decide=_decide,
    resume=_resume,
    check=_check,
    output={"round": 1, "done": False},
)
