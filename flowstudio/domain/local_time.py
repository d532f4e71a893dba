"""Local dates, times of day and windows, as instants in UTC (SEMANTICS 4.2 to 4.4).

Arithmetic is done on the customer's wall clock and comes out in UTC. A time that the clocks skip in spring is the first
instant after the gap; a time that comes twice in autumn is the first of the two.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from flowstudio.domain.errors import ScheduleError
from flowstudio.domain.schedule import parse_duration

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Every = Literal["day", "week", "month", "year"]
FARTHEST = timedelta(days=3_653)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SIGNED = re.compile(r"\s*([+-]?)\s*(\S.*)", re.DOTALL)
_PART = re.compile(r"([0-9]{1,9})\s*([wdhms])")
_SECOND = timedelta(seconds=1)


def read_clock(text: object) -> time:
    """ "09:00" as a time of day; raises ScheduleError for anything else."""
    if not isinstance(text, str) or not _CLOCK.fullmatch(text):
        raise ScheduleError(f"“{str(text)[:20]}” is not a time of day.", fix="Write it like 09:00.")
    return time.fromisoformat(text)


def at_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant of a local date and time of day (SEMANTICS 4.3)."""
    wall = datetime.combine(day, clock.replace(tzinfo=None, fold=0))
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return early
    # The clocks skip it. Read with the offset that comes after, it lies before the change: the change is in between.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), early
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) / 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def in_days(moment: datetime, days: int, zone: ZoneInfo, clock: time | None = None) -> datetime:
    """So many local days after `moment`, at a time of day (without one: at its own)."""
    local = moment.astimezone(zone)
    if days == 0 and clock is None:
        return moment.astimezone(UTC)
    own = clock or local.time().replace(tzinfo=None, fold=0)
    return at_local(local.date() + timedelta(days=days), own, zone)


def next_on(moment: datetime, days: Collection[str], clock: time, zone: ZoneInfo) -> datetime:
    """The first time, from `moment` on, that it is this time of day on one of these weekdays ("mon" … "sun")."""
    local = moment.astimezone(zone).date()
    for ahead in range(-1, 16):
        day = local + timedelta(days=ahead)
        found = at_local(day, clock, zone)
        if found >= moment and DAYS[day.weekday()] in days:
            return found
    raise ScheduleError("No weekday is chosen.", fix="Choose at least one day.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """From a time of day until another, the start in it and the end not; the end may lie on the next day.

    `days` are the weekdays on which it starts (none: every day); the same time twice is a whole day (SEMANTICS 4.4).
    """

    start: time
    end: time
    days: tuple[str, ...] = ()

    @classmethod
    def read(cls, value: object) -> Window:
        """`{"from", "to", "days"?}` as the document has it; raises ScheduleError."""
        if not isinstance(value, Mapping):
            raise ScheduleError("The hours are missing.", fix="Set from and until, for example 09:00 to 18:00.")
        days = value.get("days") or ()
        if not isinstance(days, list | tuple) or any(day not in DAYS for day in days):
            raise ScheduleError("The days of the window cannot be read.", fix="Choose days of the week.")
        return cls(start=read_clock(value.get("from")), end=read_clock(value.get("to")), days=tuple(days))

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Start and end of the window that starts on a local day."""
        over = self.end <= self.start
        return at_local(day, self.start, zone), at_local(day + timedelta(days=1 if over else 0), self.end, zone)

    def _takes(self, day: date) -> bool:
        return not self.days or DAYS[day.weekday()] in self.days

    def until(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """When the window that `moment` lies in ends; None outside."""
        local = moment.astimezone(zone).date()
        for back in (0, 1, 2):
            day = local - timedelta(days=back)
            start, end = self.on(day, zone)
            if self._takes(day) and start <= moment < end:
                return end
        return None

    def opens(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """`moment` itself inside, else the next start."""
        if self.until(moment, zone) is not None:
            return moment
        local = moment.astimezone(zone).date()
        for ahead in range(-1, 23):
            day = local + timedelta(days=ahead)
            start, end = self.on(day, zone)
            # A window that the clocks skip whole does not open that day.
            if self._takes(day) and moment <= start < end:
                return start
        raise ScheduleError("The window never opens.", fix="Choose other hours or days.")


def instant(value: Any, zone: ZoneInfo, clock: time | None = None) -> datetime:
    """The instant that a value means: "2026-07-01", "2026-07-01T09:30", with or without an offset; a moment in time.

    Without an offset it is local; a date alone is midnight. `clock` puts it at a time of day of its local date.
    Raises ScheduleError with a sentence for anything else (SEMANTICS 4.6).
    """
    found = _read(value, zone)
    if clock is None:
        return found
    return at_local(found.astimezone(zone).date(), clock, zone)


def _read(value: Any, zone: ZoneInfo) -> datetime:
    if value is None or value == "":
        raise ScheduleError("The date is unknown.", fix="Make sure that it is there, or lead the error way on.")
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            return at_local(value, time(0), zone)
        elif isinstance(value, str) and _DATE.fullmatch(value.strip()):
            return at_local(date.fromisoformat(value.strip()), time(0), zone)
        elif isinstance(value, str) and _DATE.match(value.strip()):
            moment = datetime.fromisoformat(value.strip())
        else:
            raise ValueError
        if moment.tzinfo is None:
            second = at_local(moment.date(), moment.time().replace(microsecond=0), zone)
            return second + timedelta(microseconds=moment.microsecond)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        said = str(value)[:40]
        raise ScheduleError(f"“{said}” is not a date.", fix="Send it like 2026-07-01 or 2026-07-01T09:30.") from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Offset:
    """A signed distance: whole days on the calendar, the rest in exact seconds."""

    days: int = 0
    seconds: int = 0

    @classmethod
    def read(cls, text: str) -> Offset:
        """ "-2d", "3h", "+1d 12h"; '' is none. Raises ScheduleError."""
        if not text.strip():
            return cls()
        found = _SIGNED.fullmatch(text)
        if found is None or len(text) > 60:
            raise ScheduleError(f"“{text[:40]}” is no distance in time.", fix="Write it like -2d or 3h.")
        sign = -1 if found.group(1) == "-" else 1
        parse_duration(found.group(2))
        amounts = {"w": 0, "d": 0, "h": 0, "m": 0, "s": 0}
        for number, unit in _PART.findall(found.group(2)):
            amounts[unit] += int(number)
        seconds = amounts["h"] * 3_600 + amounts["m"] * 60 + amounts["s"]
        return cls(days=sign * (amounts["w"] * 7 + amounts["d"]), seconds=sign * seconds)

    def of(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The instant at this distance from `moment`."""
        return in_days(moment, self.days, zone) + timedelta(seconds=self.seconds)


def again(moment: datetime, every: Every, times: int, zone: ZoneInfo) -> datetime:
    """`moment` so many days, weeks, months or years later, at the same local time; a date that a month or year does not
    have is the first day after it (29 February: 1 March)."""
    local = moment.astimezone(zone)
    clock = local.time().replace(tzinfo=None, fold=0)
    if every in ("day", "week"):
        return at_local(local.date() + timedelta(days=times * (7 if every == "week" else 1)), clock, zone)
    months = local.month - 1 + times * (12 if every == "year" else 1)
    year, month = local.year + months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    day = date(year, month, min(local.day, last)) + timedelta(days=1 if local.day > last else 0)
    return at_local(day, clock, zone)


def next_again(moment: datetime, every: Every, after: datetime, zone: ZoneInfo) -> datetime:
    """The first recurrence of `moment` at or after `after`."""
    if moment >= after:
        return moment
    length = {"day": 1, "week": 7, "month": 31, "year": 366}[every]
    times = max(0, (after - moment).days // length - 1)
    while (found := again(moment, every, times, zone)) < after:
        times += 1
    return found


def spread(key: str, over: timedelta) -> timedelta:
    """A share of `over` that is always the same for one key and evenly shared out over many (SEMANTICS 4.7)."""
    place = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
    return timedelta(seconds=int(over.total_seconds() * place))


def told(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as people say it: "Tue 2 Jun 2026, 09:00"."""
    local = moment.astimezone(zone)
    month = calendar.month_abbr[local.month]
    return f"{calendar.day_abbr[local.weekday()]} {local.day} {month} {local.year}, {local:%H:%M}"
