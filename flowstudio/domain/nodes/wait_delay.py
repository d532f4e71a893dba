"""`wait.delay`: an elapsed time, in exact seconds (SEMANTICS 4.2)."""

from __future__ import annotations

from pydantic import Field, field_validator

from flowstudio.domain.decision import Decision, Go, Happening, Sleep
from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.fields import Config
from flowstudio.domain.nodes.base import NodeType, Port, View
from flowstudio.domain.schedule import parse_duration, say


class Delay(Config):
    """How long."""

    duration: str = Field(
        alias="for",
        title="Wait for",
        description="A number and a unit, for example 2d, 12h or 1d 6h.",
        json_schema_extra={"x-widget": "duration"},
    )

    @field_validator("duration")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            parse_duration(value)
        except ScheduleError as error:
            raise ValueError(f"{error.message} {error.fix}") from None
        return value


def _decide(config: Delay, view: View) -> Decision:
    return Sleep(until=view.entered_at + parse_duration(config.duration), reason=f"waits {say(config.duration)}")


def _resume(config: Delay, _view: View, _happening: Happening) -> Decision:
    return Go(port="out", reason=f"waited {say(config.duration)}")


TYPE = NodeType(
    type="wait.delay",
    name="For a time",
    category="Wait",
    kind="wait",
    icon="clock",
    help="Holds each customer here for this long.",
    config=Delay,
    ports=lambda _config: (Port(id="out", label="Then"),),
    summary="Wait {for:duration}",
    explain=lambda config: f"Wait {say(str(config.get('for') or '…'))}",
    decide=_decide,
    resume=_resume,
    slim=True,
)
