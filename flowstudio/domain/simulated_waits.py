"""Waits of a simulated run, judged as the engine judges them (SEMANTICS 3.2 to 3.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from flowstudio.domain.decision import EventCame
from flowstudio.domain.simulated import Happened
from flowstudio.domain.walk import Waiting

# As the engine has it: an event sent a moment before the arrival at a wait still counts (SEMANTICS 3.2).
SLACK = timedelta(seconds=5)
MAX_RESTARTS = 100

Judge = Callable[[str, Happened | None], bool]


def ended(
    stop: Waiting, event: Happened, judge: Judge, *, began: datetime, fresh: bool, eaten: bool = False
) -> EventCame | None:
    """What ends the wait now that `event` is there; `fresh`: it arrives now, so that conditions are judged again.

    `judge(condition, event)` is without an event where a condition on the customer is meant. `eaten`: another wait took
    the event for itself.
    """
    if event.at > stop.until:
        return None
    for branch in stop.branches:
        if branch.when:
            if fresh and judge(branch.when, None):
                return EventCame(branch=branch.id, event={})
        elif branch.event == event.subject.get("name") and not (branch.consume and eaten):
            since = min(began, stop.entered_at) if branch.since_entry else stop.entered_at
            if event.at >= since - SLACK and judge(branch.filter, event):
                return EventCame(branch=branch.id, event=event.subject)
    return None


def came_true(stop: Waiting, judge: Judge) -> EventCame | None:
    """The first condition that holds, now that a trait has changed."""
    found = next((branch for branch in stop.branches if branch.when and judge(branch.when, None)), None)
    return EventCame(branch=found.id, event={}) if found else None


def takes(stop: Waiting, happening: EventCame) -> bool:
    """Whether the wait keeps the event for itself (SEMANTICS 3.5)."""
    return any(branch.id == happening.branch and branch.consume for branch in stop.branches)


def anew(stop: Waiting, event: Happened, restarts: int) -> Waiting | None:
    """The same wait with a later end, where the event begins its time anew (SEMANTICS 3.6)."""
    if event.subject.get("name") not in stop.restart_on or restarts >= MAX_RESTARTS:
        return None
    until = event.at + stop.span
    inside = stop.entered_at - SLACK <= event.at <= stop.until
    return replace(stop, until=until) if inside and until > stop.until else None
