"""Quiet hours in the recipient's zone: over midnight, by the day on which they begin, right at both clock changes
(SEMANTICS 4.3, 4.4, 5.2). Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flowstudio.domain.flow_settings import DAYS, Window

_BACK = (0, -1)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local time of day: in the spring gap the first valid one after it, in the autumn fold the
    first of the two."""
    local = datetime.combine(day, at, tzinfo=zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    # The time does not exist that day: the clocks jump somewhere between what the old and the new offset make of it.
    low, high = local.replace(fold=1).astimezone(UTC), found
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def ends_at(window: Window, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet that `now` falls into is over; None outside. The start is inside, the end is not."""
    begins, ends = time.fromisoformat(window.from_), time.fromisoformat(window.to)
    today = now.astimezone(zone).date()
    for back in _BACK:
        day = today + timedelta(days=back)
        if window.days and DAYS[day.weekday()] not in window.days:
            continue
        last = day + timedelta(days=1) if ends <= begins else day
        end = instant(last, ends, zone)
        if instant(day, begins, zone) <= now < end:
            return end
    return None


def place(zone: ZoneInfo) -> str:
    """A zone as people say it: "Europe/Berlin" → "Berlin time"."""
    return "UTC" if zone.key == "UTC" else f"{zone.key.rsplit('/', maxsplit=1)[-1].replace('_', ' ')} time"
