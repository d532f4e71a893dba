"""Arriving at a wait: it is registered and judged in one transaction, so that nothing falls into the gap (SEMANTICS 3.8).

Events that were matched before the wait was there are read again, and its conditions are judged on the traits as they
stand in this very commit; so are the conditions of other waits, where a step has just written a trait.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.engine import rows, waits, waking
from flowstudio.engine.arrivals import Arrival, matched
from flowstudio.engine.moves import Move
from flowstudio.store.sql import from_db_json


def register(cursor: CursorWrapper, waiting: Sequence[Move]) -> None:
    """Writes the rows by which arriving events and changed traits find these waits."""
    waits.register(
        cursor,
        [
            waits.values(
                row, workspace=m.carried.workspace, customer=m.carried.customer, run=m.carried.run,
                token=m.carried.token, step=m.step_id,
            )
            for m in waiting
            for row in m.waits
        ],
    )  # fmt: skip


def judge(
    cursor: CursorWrapper, moves: Sequence[Move], changed: Mapping[str, Collection[str]], now: datetime
) -> set[str]:
    """What is there already ends waits at once; gives the tokens that go on.

    Of several events that were there the first that occurred wins (3.3).
    """
    waiting = [move for move in moves if move.waits]
    fresh = [move for move in waiting if any(row.kind == "condition" for row in move.waits)]
    spaces = {move.carried.customer: move.carried.workspace for move in moves}
    concerned = {
        customer: waking.Changed(workspace=spaces[customer], names=names, at=now)
        for customer, names in changed.items()
        if customer in spaces
    }
    for move in fresh:
        owner = move.carried.customer
        concerned[owner] = waking.Changed(workspace=spaces[owner], names={waking.ANY}, at=now)
    if not waiting and not concerned:
        return set()
    events = _events(cursor, waiting) if waiting else []
    if not events and not concerned:
        return set()
    people: dict[str, Mapping[str, Any]] = {
        m.carried.customer: {"id": m.carried.customer, "email": m.carried.email, "traits": m.carried.traits}
        for m in waiting
    }
    people.update(_people(cursor, sorted(concerned)))
    return {woken.token_id for woken in waking.wake(cursor, events, people, now=now, changed=concerned)}


def _events(cursor: CursorWrapper, waiting: Sequence[Move]) -> list[Arrival]:
    named = {row.event for move in waiting for row in move.waits if row.event}
    if not named:
        return []
    since = min(row.since for move in waiting for row in move.waits) - waking.SLACK
    used = {event for move in waiting for event in move.carried.used_events()}
    found = matched(cursor, {move.carried.customer for move in waiting}, named, since)
    return [event for event in found if event.id not in used]


def _people(cursor: CursorWrapper, customers: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Customers as expressions see them, as they stand now."""
    found: dict[str, Mapping[str, Any]] = {}
    # Whoever writes a trait meanwhile finds the waits of this commit, or this commit finds the trait.
    lock = " ORDER BY id FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""
    for chunk in rows.chunks(customers):
        cursor.execute(
            f"SELECT id, email, name, traits FROM store_customer WHERE id IN ({rows.marks(len(chunk))}){lock}",  # noqa: S608
            list(chunk),
        )
        for key, email, name, said in cursor.fetchall():
            traits = from_db_json(said) or {}
            found[key] = {"id": key, "email": email or None, "name": name or None, "traits": traits}
    return found
