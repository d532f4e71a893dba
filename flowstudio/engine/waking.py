"""Events that end a wait (SEMANTICS 3.2 to 3.7); event and timer race by compare-and-set on the waiting step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

from flowstudio.domain import expression
from flowstudio.engine import rows
from flowstudio.engine.arrivals import Arrival
from flowstudio.store.sql import db_json, db_time, from_db_json, from_db_time

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
    waits = _waits(cursor, events)
    if not waits:
        return []
    tokens = _tokens(cursor, {wait.token_id for group in waits.values() for wait in group})
    chosen: dict[str, tuple[Woken, dict[str, Any]]] = {}
    for event in events:
        for wait in waits.get((event.customer, event.name), ()):
            token = tokens.get(wait.token_id)
            if token is None or token[0] != wait.step_id or wait.step_id in chosen:
                continue
            if event.occurred_at < _since(wait) - SLACK or (token[1] is not None and event.occurred_at > token[1]):
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


class _Wait(NamedTuple):
    id: int
    customer_id: str
    event: str
    run_id: str
    token_id: str
    step_id: str
    branch: str
    place: int
    filter: str
    since: Any
    correlation: str
    subject: Any
    owner: str


_COLUMNS = (
    "w.id, w.customer_id, w.event, w.run_id, w.token_id, w.step_id, w.branch, w.place, w.filter, w.since, "
    "r.correlation, r.subject, r.customer_id"
)
# Two ways to a wait: by whom it was registered for, and by whom its run belongs to since (a taken-over run may have
# registered its wait under the old id in the same moment).
_REGISTERED = (
    "SELECT {columns} FROM store_wait w JOIN store_run r ON r.id = w.run_id "
    "WHERE w.workspace_id IN ({spaces}) AND w.customer_id IN ({customers}) AND w.event IN ({names})"
)
_OWNED = (
    "SELECT {columns} FROM store_run r JOIN store_wait w ON w.run_id = r.id WHERE r.customer_id IN ({customers}) "
    "AND r.status = 'active' AND w.customer_id <> r.customer_id AND w.event IN ({names})"
)


def _since(wait: _Wait) -> datetime:
    read = from_db_time(wait.since)
    if read is None:
        raise ValueError("a wait begins at some time")
    return read


def _waits(cursor: CursorWrapper, events: Sequence[Arrival]) -> dict[tuple[str, str], list[_Wait]]:
    found: dict[int, tuple[str, _Wait]] = {}
    spaces, names = sorted({e.workspace_id for e in events}), sorted({e.name for e in events})
    for chunk in rows.chunks(sorted({e.customer for e in events if e.customer})):
        words = {"columns": _COLUMNS, "customers": rows.marks(len(chunk)), "names": rows.marks(len(names))}
        cursor.execute(_REGISTERED.format(spaces=rows.marks(len(spaces)), **words), [*spaces, *chunk, *names])
        for wait in map(_Wait._make, cursor.fetchall()):
            found[wait.id] = (wait.customer_id, wait)
        cursor.execute(_OWNED.format(**words), [*chunk, *names])
        for wait in map(_Wait._make, cursor.fetchall()):
            found.setdefault(wait.id, (wait.owner, wait))
    grouped: dict[tuple[str, str], list[_Wait]] = {}
    for customer, wait in sorted(found.values(), key=lambda pair: (pair[1].run_id, pair[1].place, pair[1].id)):
        grouped.setdefault((customer, wait.event), []).append(wait)
    return grouped


def _tokens(cursor: CursorWrapper, ids: set[str]) -> dict[str, tuple[str, datetime | None, str]]:
    found: dict[str, tuple[str, datetime | None, str]] = {}
    for chunk in rows.chunks(sorted(ids)):
        cursor.execute(
            "SELECT id, step_id, due_at, flow_id FROM store_token "  # noqa: S608
            f"WHERE wake IS NULL AND id IN ({rows.marks(len(chunk))})",
            list(chunk),
        )
        for token, step, due, flow in cursor.fetchall():
            found[token] = (step, from_db_time(due), flow)
    return found


def _matches(wait: _Wait, subject: Mapping[str, Any], customer: Mapping[str, Any], now: datetime) -> bool:
    run = {"id": wait.run_id, "correlation": wait.correlation, "event": from_db_json(wait.subject)}
    scope = {"customer": customer, "event": subject, "run": run, "now": now}
    return expression.judge(wait.filter, scope).matched
