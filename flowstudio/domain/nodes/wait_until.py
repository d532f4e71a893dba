"""`wait.until`: a local day and time, a weekday, a date with an offset, or a window that opens (SEMANTICS 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import field_validator, model_validator

from flowstudio.domain import expression, local_time
from flowstudio.domain.decision import Decision, End, Go, Happening, Sleep
from flowstudio.domain.errors import ExpressionError, InputError, ScheduleError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.local_time import Every, Offset, Window, told
from flowstudio.domain.nodes.base import NodeType, Port, View
from flowstudio.domain.schedule import parse_duration
from flowstudio.domain.until_words import until as words

_WHOSE = {
    "customer": "the customer's zone",
    "flow": "the flow's zone",
    "workspace": "the workspace's zone",
    "default": "no zone is set",
}
_CLOCKED = ("days", "weekday", "date")


class Until(Config):
    """Which moment, and what happens to a customer for whom it is over."""

    kind: Literal["days", "weekday", "date", "window"] = field(
        "Until",
        "select",
        default="days",
        options={
            "days": "A day and time from now",
            "weekday": "A weekday and time",
            "date": "A date",
            "window": "Certain hours",
        },
    )
    days: int = field(
        "Days from now", "number", default=1, ge=0, le=365, help="1 is tomorrow, 0 today.", when={"kind": "days"}
    )
    weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = field(
        "On", "weekdays", default=(), help="The first of these days that comes.", when={"kind": "weekday"}
    )
    date: str = field(
        "Date",
        "cel",
        default="",
        render="cel",
        placeholder="customer.traits.renewal_date",
        help="A date, or a date and time. One that cannot be read takes the error way.",
        when={"kind": "date"},
    )
    offset: str = field("Before or after it", "signed-duration", default="", when={"kind": "date"})
    at: str = field(
        "At",
        "clock",
        default="",
        placeholder="09:00",
        help="In the customer's time zone.",
        when={"kind": list(_CLOCKED)},
    )
    window: dict[str, Any] | None = field(
        "Hours",
        "window",
        default=None,
        help="Inside them a customer goes on at once. The days are those on which they start.",
        when={"kind": "window"},
    )
    past: Literal["continue", "next", "branch", "exit"] = field(
        "If it is over already",
        "select",
        default="continue",
        options={
            "continue": "Go on at once",
            "next": "Wait for the next time",
            "branch": "Take a way of its own",
            "exit": "End the run",
        },
        when={"kind": ["days", "date"]},
    )
    every: Every = field(
        "It comes again every",
        "select",
        default="year",
        options={"day": "Day", "week": "Week", "month": "Month", "year": "Year"},
        when={"kind": "date", "past": "next"},
    )
    spread: str = field(
        "Spread over",
        "duration",
        default="",
        help="Customers who are due together go on one after another, within this time.",
    )

    @field_validator("at")
    @classmethod
    def _clock(cls, value: str) -> str:
        if value:
            _said(local_time.read_clock, value)
        return value

    @field_validator("offset")
    @classmethod
    def _offset(cls, value: str) -> str:
        _said(Offset.read, value)
        return value

    @field_validator("window")
    @classmethod
    def _window(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None:
            _said(Window.read, value)
        return value

    @field_validator("spread")
    @classmethod
    def _spread(cls, value: str) -> str:
        if value:
            _said(parse_duration, value)
        return value

    @model_validator(mode="after")
    def _whole(self) -> Until:
        missing = {
            "days": "" if self.at else "Set the time of day.",
            "weekday": "Choose at least one day." if not self.weekdays else "" if self.at else "Set the time of day.",
            "date": "" if self.date.strip() else "Choose the date.",
            "window": "" if self.window else "Set the hours.",
        }[self.kind]
        if missing:
            raise ValueError(missing)
        return self


def _said(read: Any, value: Any) -> None:
    try:
        read(value)
    except ScheduleError as error:
        raise ValueError(f"{error.message} {error.fix}") from None


def _ports(config: Mapping[str, Any]) -> tuple[Port, ...]:
    kind, past = config.get("kind") or "days", config.get("past")
    ports = [Port(id="out", label="Then")]
    if past == "branch" and kind in ("days", "date"):
        ports.append(Port(id="past", label="Over already", kind="side"))
    if kind == "date":
        ports.append(Port(id="error", label="No date", kind="error"))
    return tuple(ports)


def _target(config: Until, view: View, zone: ZoneInfo) -> datetime:
    """The moment that is waited for, reckoned from the arrival; it may be over (SEMANTICS 4.2)."""
    clock = local_time.read_clock(config.at) if config.at else None
    if config.kind == "days":
        return local_time.in_days(view.entered_at, config.days, zone, clock)
    if config.kind == "weekday":
        return local_time.next_on(view.entered_at, config.weekdays, clock or local_time.read_clock("00:00"), zone)
    if config.kind == "window":
        return Window.read(config.window).opens(view.entered_at, zone)
    return Offset.read(config.offset).of(local_time.instant(_value(config.date, view), zone, clock), zone)


def _value(source: str, view: View) -> Any:
    try:
        return expression.compile(source).evaluate(view.scope)
    except ExpressionError as error:
        if all(expression.look_up(path, view.scope) is not None for path in expression.references(source)):
            raise
        raise ScheduleError("The date is unknown.", fix=error.fix) from None


def _decide(config: Until, view: View) -> Decision:
    zone = ZoneInfo(view.timezone)
    try:
        target = _target(config, view, zone)
        if target < view.entered_at:
            late = _late(config, view, target, zone)
            if isinstance(late, Go | End):
                return late
            target = late
        if target - view.entered_at > local_time.FARTHEST:
            raise ScheduleError(f"{told(target, zone)} is more than ten years away.")
        due = target + _share(config, view, target, zone)
    except OverflowError:
        raise InputError("The date is too far away.") from None
    whose = f"{view.timezone}, {_WHOSE.get(view.zone_from, view.zone_from)}"
    if due <= view.entered_at:
        return Go(port="out", reason=f"{words(config.model_dump())} already ({whose})")
    given = {
        "timezone": view.timezone,
        "timezone_from": view.zone_from,
        "target": target.isoformat(),
        "until": due.isoformat(),
    }
    return Sleep(until=due, reason=f"waits until {told(due, zone)} ({whose})", given=given)


def _late(config: Until, view: View, target: datetime, zone: ZoneInfo) -> Go | End | datetime:
    """What becomes of a customer for whom the moment is over: never an end without a word (SEMANTICS 4.5)."""
    said = f"{told(target, zone)} was over already"
    if config.past == "branch":
        return Go(port="past", reason=said)
    if config.past == "exit":
        return End(status="completed", reason="exit", words=said)
    if config.past == "next":
        every: Every = config.every if config.kind == "date" else "day"
        return local_time.next_again(target, every, view.entered_at, zone)
    return Go(port="out", reason=f"{said}, so on at once")


def _share(config: Until, view: View, target: datetime, zone: ZoneInfo) -> timedelta:
    """How much later this run goes on than the moment itself, the same each time it is reckoned (SEMANTICS 4.7)."""
    if not config.spread or target <= view.entered_at:
        return timedelta(0)
    over = parse_duration(config.spread)
    if config.kind == "window":
        end = Window.read(config.window).until(target, zone)
        over = min(over, end - target) if end else over
    return local_time.spread(f"{view.scope['run'].get('id', '')}:{view.node}:{view.visit}", over)


def _resume(_config: Until, view: View, _happening: Happening) -> Decision:
    return Go(port="out", reason=f"waited until {told(view.now, ZoneInfo(view.timezone))} ({view.timezone})")


TYPE = NodeType(
    type="wait.until",
    name="Until a moment",
    category="Wait",
    kind="wait",
    icon="calendar-time",
    help="Holds each customer here until a time of day, a weekday, a date or certain hours, on their own clock.",
    config=Until,
    ports=_ports,
    summary="Until {kind:until}",
    explain=lambda config: f"Wait until {words(config) or '…'}",
    decide=_decide,
    resume=_resume,
    slim=True,
    essential=True,
)
