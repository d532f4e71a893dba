"""Events that end a wait (SEMANTICS 3.2 to 3.7); event and timer race by compare-and-set on the waiting step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Q

from flowstudio.domain import expression
from flowstudio.engine import rows
from flowstudio.engine.arrivals import Arrival
from flowstudio.store.models import Token, Wait
from flowstudio.store.sql import db_json, db_time

# An event that a busy client sent a moment before the customer arrived here still counts (3.2).
SLACK = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Woken:
    """A wait that an event has ended."""

    token_id: str
    step_id: str
    run_id: str
    flow_id: str
    branch: str
    event_id: str


def wake(
    cursor: CursorWrapper, events: Sequence[Arrival], people: Mapping[str, Mapping[str, Any]], *, now: datetime
) -> list[Woken]:
    """Ends the waits that these events satisfy, in the order received; one event may end many, a wait ends once.

    `people` are the customers as expressions see them, by id.
    """
    waits = _waits({e.customer for e in events if e.customer}, {e.name for e in events})
    if not waits:
        return []
    tokens = _tokens({wait.token_id for group in waits.values() for wait in group})
    chosen: dict[str, tuple[Woken, dict[str, Any]]] = {}
    for event in events:
        for wait in waits.get((event.customer, event.name), ()):
            token = tokens.get(wait.token_id)
            if token is None or token[0] != wait.step_id or wait.step_id in chosen:
                continue
            if event.occurred_at < wait.since - SLACK or (token[1] is not None and event.occurred_at > token[1]):
                continue
            subject = event.subject()
            if wait.filter.strip() and not _matches(wait, subject, people.get(event.customer, {}), now):
                continue
            woken = Woken(
                token_id=wait.token_id, step_id=wait.step_id, run_id=wait.run_id, flow_id=token[2], branch=wait.branch,
                event_id=event.id,
            )  # fmt: skip
            chosen[wait.step_id] = (woken, {"branch": wait.branch, "event": subject})
    done = rows.update(
        cursor,
        "store_token",
        ["=step_id", "wake", "due_at"],
        [(woken.token_id, woken.step_id, db_json(value), db_time(now)) for woken, value in chosen.values()],
        types=["text", "text", "jsonb", "timestamptz"],
        where="t.step_id = v.step_id AND t.wake IS NULL",
        extra="owner = '', lease_until = NULL, fence = fence + 1",
        returning="t.id",
    )
    return [woken for woken, _ in chosen.values() if woken.token_id in done]


def _waits(customers: set[str], names: set[str]) -> dict[tuple[str, str], list[Wait]]:
    found: dict[int, tuple[str, Wait]] = {}
    for chunk in rows.chunks(sorted(customers)):
        # Two ways to a wait: by whom it was registered for, and by whom its run belongs to since (a taken-over run
        # may have registered its wait under the old id in the same moment).
        query = Wait.objects.filter(event__in=names).select_related("run").defer("run__reason").order_by("id")
        owned = Q(run__customer_id__in=chunk, run__status="active")
        for wait in query.filter(customer_id__in=chunk):
            found[wait.id] = (wait.customer_id, wait)
        for wait in query.filter(owned):
            found.setdefault(wait.id, (wait.run.customer_id, wait))
    grouped: dict[tuple[str, str], list[Wait]] = {}
    for customer, wait in sorted(found.values(), key=lambda pair: (pair[1].run_id, pair[1].place, pair[1].id)):
        grouped.setdefault((customer, wait.event), []).append(wait)
    return grouped


def _tokens(ids: set[str]) -> dict[str, tuple[str, datetime | None, str]]:
    found: dict[str, tuple[str, datetime | None, str]] = {}
    for chunk in rows.chunks(sorted(ids)):
        query = Token.objects.filter(id__in=chunk, wake__isnull=True)
        for token, step, due, flow in query.values_list("id", "step_id", "due_at", "flow_id"):
            found[token] = (step, due, flow)
    return found


def _matches(wait: Wait, subject: Mapping[str, Any], customer: Mapping[str, Any], now: datetime) -> bool:
    run = {"id": wait.run_id, "correlation": wait.run.correlation, "event": wait.run.subject}
    scope = {"customer": customer, "event": subject, "run": run, "now": now}
    return expression.judge(wait.filter, scope).matched
