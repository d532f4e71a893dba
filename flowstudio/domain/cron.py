"""Schedules in cron's five parts, on a local clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from flowstudio.domain.errors import ScheduleError

_MINUTE = timedelta(minutes=1)
_FIX = "Write minute, hour, day of month, month and weekday, for example 0 9 * * MON-FRI."


@lru_cache(maxsize=1024)
def read(text: str) -> str:
    """The schedule, if it can be read and ever comes; raises ScheduleError."""
    if not isinstance(text, str) or len(text) > 100 or len(text.split()) != 5:
        raise ScheduleError(f"“{str(text)[:40]}” is not a schedule.", fix=_FIX)
    try:
        next(CronSim(text, datetime(2024, 1, 1, tzinfo=UTC)))
    except CronSimError:
        raise ScheduleError(f"“{text[:40]}” is not a schedule.", fix=_FIX) from None
    except StopIteration:
        raise ScheduleError(f"“{text[:40]}” never comes.", fix="Choose a day that exists.") from None
    return text


def next_after(text: str, zone: ZoneInfo, moment: datetime) -> datetime:
    """The first occurrence after `moment`."""
    return next(CronSim(text, moment.astimezone(zone))).astimezone(UTC)


def last_until(text: str, zone: ZoneInfo, since: datetime, moment: datetime) -> datetime:
    """The latest occurrence that is not after `moment`; `since` is one of them."""
    found = since
    for earlier in CronSim(text, moment.astimezone(zone).replace(microsecond=0), reverse=True):
        found = max(found, earlier.astimezone(UTC))
        break
    exact = moment.astimezone(UTC).replace(second=0, microsecond=0)
    # Searching back leaves out the moment itself.
    return exact if next_after(text, zone, exact - _MINUTE) == exact and exact > found else found
