"""`trigger.schedule`: at certain times a run begins for each customer, or each of a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import field_validator

from flowstudio.domain import cron, schedule
from flowstudio.domain.decision import Decision, Go
from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import NodeType, Port, View


class ScheduleTrigger(Config):
    """When, on which clock, and for whom."""

    cron: str = field("When", "cron", default="0 9 * * *")
    timezone: str = field("Time zone", "timezone", default="", help="Empty: the flow's, else the workspace's.")
    segment: str = field(
        "For whom", "segment", default="", max_length=26, help="Empty: for every customer of the workspace."
    )

    @field_validator("cron")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            return cron.read(value)
        except ScheduleError as error:
            raise ValueError(f"{error.message} {error.fix}") from None

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value and not schedule.is_zone(value):
            raise ValueError(f"“{value[:40]}” is no time zone. Choose one, for example Europe/Berlin.")
        return value


def _explain(config: Mapping[str, Any]) -> str:
    who = "each customer of the segment" if config.get("segment") else "every customer"
    zone = f" in {config['timezone']}" if config.get("timezone") else ""
    return f"On the schedule {config.get('cron') or '0 9 * * *'}{zone}, for {who}"


def _decide(_config: ScheduleTrigger, _view: View) -> Decision:
    return Go(port="out", reason="it was time")


TYPE = NodeType(
    type="trigger.schedule",
    name="Schedule",
    category="Triggers",
    kind="trigger",
    icon="calendar-time",
    help="Starts a run for each customer, or each of a segment, at certain times.",
    config=ScheduleTrigger,
    ports=lambda _config: (Port(id="out", label="Then"),),
    summary="{cron}",
    explain=_explain,
    decide=_decide,
    trigger=True,
)
