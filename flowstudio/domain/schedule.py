"""Durations and time zones, read from what a marketer typed (SEMANTICS 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flowstudio.domain.errors import ScheduleError

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = re.compile(r"([0-9]{1,9})\s*([wdhms])")
_WHOLE = re.compile(r"\s*(?:[0-9]{1,9}\s*[wdhms]\s*)+")
MAX_DELAY = timedelta(days=365)


@lru_cache(maxsize=4096)
def parse_duration(text: str) -> timedelta:
    """ "2d", "10m", "1d 12h" as an exact number of seconds; raises ScheduleError for anything else or over 365 days."""
    if not isinstance(text, str) or len(text) > 60 or not _WHOLE.fullmatch(text):
        raise ScheduleError(
            f"“{str(text)[:40]}” is not a duration.", fix="Write a number and a unit, for example 2d, 12h or 1d 6h."
        )
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if seconds > MAX_DELAY.total_seconds():
        raise ScheduleError("A wait can last 365 days at most.", fix="Choose a shorter time.")
    return timedelta(seconds=seconds)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: object) -> bool:
    """Whether `name` is an IANA zone, such as Europe/Berlin."""
    return isinstance(name, str) and name in _zones()


def zone_for(traits: Mapping[str, Any], flow: str, workspace: str) -> tuple[ZoneInfo, str]:
    """The zone that counts and where it came from: `timezone` trait, flow, workspace, UTC (SEMANTICS 4.1)."""
    for source, name in (("customer", traits.get("timezone")), ("flow", flow), ("workspace", workspace)):
        if is_zone(name):
            return ZoneInfo(str(name)), source
    return ZoneInfo("UTC"), "default"


def say(text: str) -> str:
    """A duration in words: "2d" → "2 days", "1d 12h" → "1 day 12 hours"; anything unreadable comes back as it is."""
    words = {"w": "week", "d": "day", "h": "hour", "m": "minute", "s": "second"}
    if not isinstance(text, str) or len(text) > 60 or not _WHOLE.fullmatch(text):
        return str(text)
    return " ".join(f"{int(n)} {words[u]}{'' if int(n) == 1 else 's'}" for n, u in _PART.findall(text))
