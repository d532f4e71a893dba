"""Quiet hours in the recipient's zone (SEMANTICS 5.2); windows and clock changes are `local_time`'s. Pure."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from flowstudio.domain import local_time
from flowstudio.domain.flow_settings import Window


def ends_at(window: Window, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet that `now` falls into is over; None outside. The start is inside, the end is not."""
    hours = local_time.Window(
        start=time.fromisoformat(window.from_), end=time.fromisoformat(window.to), days=window.days
    )
    return hours.until(now, zone)


def place(zone: ZoneInfo) -> str:
    """A zone as people say it: "Europe/Berlin" → "Berlin time"."""
    return "UTC" if zone.key == "UTC" else f"{zone.key.rsplit('/', maxsplit=1)[-1].replace('_', ' ')} time"
