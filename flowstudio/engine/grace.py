"""Events that a trigger's filter refused a moment ago, and traits that a step writes now (SEMANTICS 1.4, `match_grace`).

The event is put back among the pending ones in the transaction that writes the trait; the matcher then judges its refused
entries once more. So nothing is lost in between, whichever process matches.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from flowstudio.engine import admission, bell, rows
from flowstudio.store.models import Event, TriggerIndex

# An event is at most this old when it comes (`max_event_age`); the bound keeps the search within a customer's last days.
_OLDEST = timedelta(hours=24)


def refused_by_filter(outcome: Collection[Any]) -> bool:
    """Whether some flow did not take the event because its filter was not true."""
    return any(isinstance(part, dict) and part.get("code") == "filter" for part in outcome)


def judge_again(customers: Collection[str], now: datetime) -> int:
    """Puts back the events of these customers that a filter refused within the grace; gives how many."""
    waiting: list[str] = []
    triggers = TriggerIndex.objects.values("event")
    for chunk in rows.chunks(sorted(customers)):
        query = Event.objects.filter(
            customer_id__in=chunk,
            name__in=triggers,
            occurred_at__gte=now - admission.MAX_GRACE - _OLDEST,
            received_at__gte=now - admission.MAX_GRACE,
            status="done",
        )
        waiting += [event for event, outcome in query.values_list("id", "outcome") if refused_by_filter(outcome)]
    for ids in rows.chunks(waiting):
        Event.objects.filter(id__in=ids, status="done").update(status="pending")
    if waiting:
        transaction.on_commit(_ring, robust=True)
    return len(waiting)


def _ring() -> None:
    bell.ring("engine")
