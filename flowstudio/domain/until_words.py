"""What a `wait.until` waits for, in words; `frontend/src/graph/untilWords.ts` is its mirror."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowstudio.domain.rules import said
from flowstudio.domain.schedule import say

_NAMES = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
_WEEKDAYS, _WEEKEND = ("mon", "tue", "wed", "thu", "fri"), ("sat", "sun")


def until(config: Mapping[str, Any]) -> str:
    """ "tomorrow at 09:00", "Monday or Friday at 09:00", "2 days before renewal", "it is 09:00 to 18:00"; '' unfinished."""
    kind = config.get("kind") or "days"
    clock = said(config.get("at"))
    at = f" at {clock}" if clock else ""
    if kind == "days":
        return _days(config.get("days", 1), clock)
    if kind == "weekday":
        days = _which(config.get("weekdays"))
        return f"{days}{at}" if days else ""
    if kind == "date":
        return (
            f"{_distance(said(config.get('offset')))}{_named(said(config.get('date')))}{at}"
            if said(config.get("date"))
            else ""
        )
    if kind == "window":
        return _window(config.get("window"))
    return ""


def _days(count: Any, clock: str) -> str:
    if isinstance(count, bool) or not isinstance(count, int | float) or not clock:
        return ""
    number = said(count)
    return {"0": f"{clock} today", "1": f"{clock} tomorrow"}.get(number, f"{clock} in {number} days")


def _which(days: Any) -> str:
    chosen = tuple(day for day in _NAMES if isinstance(days, list | tuple) and day in days)
    if len(chosen) == len(_NAMES):
        return "any day"
    if chosen == _WEEKDAYS:
        return "a weekday"
    if chosen == _WEEKEND:
        return "a weekend"
    names = [_NAMES[day] for day in chosen]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _distance(offset: str) -> str:
    size = re.sub(r"^[+-]", "", offset)
    if not re.search(r"[1-9]", size):
        return ""
    return f"{say(size)} {'before' if offset.startswith('-') else 'after'} "


def _named(expression: str) -> str:
    path = expression.strip(" ")
    if not _PATH.fullmatch(path):
        return "a date"
    return path.rsplit(".", maxsplit=1)[-1].replace("_", " ").strip(" ") or "a date"


def _window(value: Any) -> str:
    if not isinstance(value, Mapping) or not said(value.get("from")) or not said(value.get("to")):
        return ""
    days = _which(value.get("days"))
    on = f" on {days}" if days and days != "any day" else ""
    return f"it is {said(value.get('from'))} to {said(value.get('to'))}{on}"
