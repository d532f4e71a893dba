"""A flow's settings: who may enter and how often, what ends a run early, what counts as success, and when to be quiet.

One model for the form, the validator, the engine and the simulation. Documents are older and younger than the model:
`read` takes what it can and leaves the rest at its default, so that a published flow never stops for a setting;
`flow_settings_check.problems` says what `read` would leave out, in sentences at the field, before one is published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import ValidationError, field_validator, model_validator

from flowstudio.domain import expression, schedule
from flowstudio.domain.errors import ExpressionError, InputError, ScheduleError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.graph import is_id
from flowstudio.domain.rules import to_cel

MAX_GRACE = timedelta(minutes=30)
MAX_RULES = 50
MAX_HOLD = timedelta(days=7)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ENTRY, _LIMITS, _LEAVING, _SENDING, _WHERE = "Entry", "Limits", "Exits and goals", "Messages", "Zone"

When = str | dict[str, Any]


def _duration(value: str) -> str:
    if value:
        try:
            schedule.parse_duration(value)
        except ScheduleError as error:
            raise ValueError(f"{error.message} {error.fix}") from None
    return value


def _condition(when: When) -> str:
    """A condition as CEL, whichever way it was written."""
    return when if isinstance(when, str) else to_cel(when)


class _Rule(Config):
    """What happens while a customer is inside: an event (perhaps only some of them), or a condition that is true."""

    id: str
    name: str = field("Name", "text", default="", max_length=120)
    event: str = field("Event", "event-name", default="", max_length=255, help="Empty: judged by the condition alone.")
    when: When = field("Only when", "condition", default="", help="On the event, the customer, and `run.event`.")
    same: str = field(
        "Same as when they entered",
        "text",
        default="",
        max_length=255,
        placeholder="event.properties.cart",
        help="A value that must be equal in this event and in the one that began the run.",
    )

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not is_id(value):
            raise ValueError("The id must be letters, digits and _.")
        return value

    @field_validator("when")
    @classmethod
    def _readable(cls, value: When) -> When:
        try:
            source = _condition(value)
            if not source.strip():
                return value
            read = expression.references(source)
        except InputError as error:
            raise ValueError(f"{error.message} {error.fix}".strip()) from None
        if any(path.split(".")[0] == "steps" for path in read):
            raise ValueError("It is judged at any time, so it cannot read the steps of one run. Read a trait instead.")
        return value

    @field_validator("same")
    @classmethod
    def _comparable(cls, value: str) -> str:
        if value.strip():
            try:
                read = expression.references(value)
            except ExpressionError as error:
                raise ValueError(f"{error.message} Write for example event.properties.cart.") from None
            if not any(path.split(".")[0] == "event" for path in read):
                raise ValueError("It must read the event, for example event.properties.cart.")
        return value

    @model_validator(mode="after")
    def _something(self) -> _Rule:
        if not self.event.strip() and not self.condition.strip():
            raise ValueError("Choose an event, or write a condition.")
        if self.same.strip() and not self.event.strip():
            raise ValueError("Only an event can be the same as the one that began the run. Choose an event.")
        return self

    @property
    def condition(self) -> str:
        """`when` as CEL."""
        return _condition(self.when)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.event or "condition"


class ExitRule(_Rule):
    """Ends the run early: status `exited`, reason `exit_rule` (SEMANTICS 2)."""


class GoalRule(_Rule):
    """What the flow is for: counted once a run, and perhaps the end of it (SEMANTICS 2.3, 2.5)."""

    window: str = field("Counts for", "duration", default="", help="From the entry. Empty: the flow's own time.")
    mode: Literal["count", "exit"] = field("When it is reached", "select", default="count")

    _window = field_validator("window")(_duration)


class Window(Config):
    """A time of day, perhaps over midnight; `days` are those on which it begins (SEMANTICS 4.4)."""

    from_: str = field("From", "clock", alias="from")
    to: str = field("To", "clock")
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = field("Days", "weekdays", default=())

    @field_validator("from_", "to")
    @classmethod
    def _clock(cls, value: str) -> str:
        if not _CLOCK.fullmatch(value):
            raise ValueError(f"“{value[:20]}” is not a time of day. Write it like 22:00.")
        return value

    @model_validator(mode="after")
    def _long(self) -> Window:
        if self.from_ == self.to:
            raise ValueError("It begins and ends at the same time. Choose another end.")
        return self


class QuietHours(Config):
    """When no message goes out, in the customer's own zone (SEMANTICS 5.2)."""

    window: Window = field("Between", "window")
    mode: Literal["hold", "drop", "branch"] = field("A message then", "select", default="hold")
    max_hold: str = field("Hold at most", "duration", default="24h", help="After this it is not sent any more.")

    @field_validator("max_hold")
    @classmethod
    def _bounded(cls, value: str) -> str:
        if _duration(value) and schedule.parse_duration(value) > MAX_HOLD:
            raise ValueError("A message can be held for 7 days at most.")
        return value


class EntryRate(Config):
    """At most so many runs begin in so much time (SEMANTICS 1.4)."""

    max: int = field("At most", "number", ge=1, le=10_000_000)
    per: str = field("In", "duration", default="1h", min_length=2)

    @field_validator("per")
    @classmethod
    def _readable(cls, value: str) -> str:
        if schedule.parse_duration(_duration(value)) < timedelta(seconds=1):
            raise ValueError("Choose at least a second.")
        return value


class FlowSettings(Config):
    """All of it. Everything may be absent."""

    reentry: Literal["never", "after_exit", "parallel"] = field(
        "A customer may enter", "select", default="after_exit", group=_ENTRY
    )
    correlation: str = field(
        "Counted apart by",
        "cel",
        default="",
        placeholder="event.properties.order",
        help="A value of the event, such as an order's number: each has a run of its own.",
        group=_ENTRY,
    )
    cooldown: str = field("Not again for", "duration", default="", help="After the last entry.", group=_ENTRY)
    max_entries: int | None = field("Entries a customer, in all", "number", default=None, ge=1, group=_ENTRY)
    consent: str = field(
        "Needs consent to",
        "text",
        default="",
        max_length=60,
        placeholder="newsletter",
        help="Who has refused this category does not enter. Who was never asked does.",
        group=_ENTRY,
    )
    admit_suppressed: bool = field(
        "Take unsubscribed customers, too",
        "switch",
        default=False,
        help="For flows that keep data in order. Their messages are withheld all the same.",
        group=_ENTRY,
    )
    entry_rate: EntryRate | None = field("Entry rate", "entry-rate", default=None, group=_LIMITS)
    max_parallel: int = field("Runs of one customer at once", "number", default=25, ge=1, le=1_000, group=_LIMITS)
    max_event_age: str = field(
        "Oldest event that starts a run", "duration", default="24h", help="Older ones are kept, and counted as too late.",
        group=_LIMITS,
    )  # fmt: skip
    match_grace: str = field(
        "Wait for late traits", "duration", default="5m",
        help="A filter that is false a moment too early is judged again. At most 30 minutes.", group=_LIMITS,
    )  # fmt: skip
    holdout: float = field(
        "Hold out, in percent",
        "percent",
        default=0,
        ge=0,
        le=50,
        help="These customers travel and are measured, but no message reaches them.",
        group=_LIMITS,
    )
    exits: tuple[ExitRule, ...] = field(
        "Exits", "exits", default=(), help="A customer leaves at once, wherever they are.", max_length=MAX_RULES,
        group=_LEAVING,
    )  # fmt: skip
    goals: tuple[GoalRule, ...] = field(
        "Goals", "goals", default=(), help="Counted once for each run. Judged before exits.", max_length=MAX_RULES,
        group=_LEAVING,
    )  # fmt: skip
    conversion_window: str = field(
        "A goal counts for", "duration", default="30d", help="From the entry, also after the run has ended.",
        group=_LEAVING,
    )  # fmt: skip
    quiet_hours: QuietHours | None = field("Quiet hours", "quiet-hours", default=None, group=_SENDING)
    timezone: str = field(
        "Time zone",
        "timezone",
        default="",
        help="For waits until a time of day and for quiet hours. A customer's own time zone goes first.",
        group=_WHERE,
    )

    _durations = field_validator("cooldown", "max_event_age", "conversion_window")(_duration)

    @field_validator("match_grace")
    @classmethod
    def _graceful(cls, value: str) -> str:
        if _duration(value) and schedule.parse_duration(value) > MAX_GRACE:
            raise ValueError("A late trait is waited for 30 minutes at most.")
        return value

    @field_validator("correlation")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value.strip():
            try:
                expression.compile(value)
            except ExpressionError as error:
                raise ValueError(f"{error.message} {error.fix}") from None
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value and not schedule.is_zone(value):
            raise ValueError(f"“{value[:40]}” is no time zone. Choose one, for example Europe/Berlin.")
        return value

    def duration(self, name: str) -> timedelta:
        """A duration of these; unset is none."""
        value = getattr(self, name)
        return schedule.parse_duration(value) if value else timedelta(0)

    def window(self, goal: GoalRule) -> timedelta:
        """How long after the entry a goal still counts."""
        return schedule.parse_duration(goal.window or self.conversion_window or "30d")


def read(settings: Mapping[str, Any]) -> FlowSettings:
    """What can be used of the settings; whatever is wrong stands at its default, row by row. Never raises."""
    kept: dict[str, Any] = {}
    for name, info in FlowSettings.model_fields.items():
        if name not in settings:
            continue
        value = settings[name]
        if isinstance(info.default, tuple):
            value = [row for row in value if _fits(name, [row])] if isinstance(value, list | tuple) else []
            kept[name] = _first_of_each(value)[:MAX_RULES]
        elif _fits(name, value):
            kept[name] = value
    return FlowSettings.model_validate(kept)


def _fits(name: str, value: Any) -> bool:
    try:
        FlowSettings.model_validate({name: value})
    except ValidationError:
        return False
    return True


def _first_of_each(rows: list[Any]) -> list[Any]:
    return list({row["id"]: row for row in reversed(rows)}.values())[::-1]
