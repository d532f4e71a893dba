"""The strip on the home page: what runs now, and what needs a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from flowstudio.services.caller import Caller
from flowstudio.store.queries import events, pulse

MINUTES = 60


def read(caller: Caller) -> dict[str, Any]:
    """Events a minute over the last hour, customers by what they do, and runs that failed in the last hour."""
    now = timezone.now()
    first = now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
    counted = events.by_minute(caller.workspace_id, first)
    minutes = [counted.get(first + timedelta(minutes=index), 0) for index in range(MINUTES)]
    states = pulse.tokens_by_state(caller.workspace_id)
    return {
        # The running minute is not over: the last whole one says more, and a quiet one is zero, not stale.
        "events_per_minute": max(minutes[-1], minutes[-2]),
        "events_minutes": minutes,
        "moving": states.get("ready", 0) + states.get("running", 0) + states.get("retrying", 0),
        "waiting": states.get("waiting", 0),
        "held": states.get("held", 0) + states.get("blocked", 0),
        "failed_hour": pulse.failed_since(caller.workspace_id, now - timedelta(hours=1)),
        "at": now,
    }
