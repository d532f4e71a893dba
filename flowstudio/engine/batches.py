"""Work on everybody inside a flow, piece by piece (SEMANTICS 8.3, 13.2): what is open, and the next piece of it.

A piece is bounded, and one transaction with the progress that it makes: customers beyond counting hold nothing up, and
a crash repeats nothing and forgets nothing. Batches of one flow are worked off in the order in which they were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.domain.errors import FlowstudioError
from flowstudio.engine import failpoints, overdue, programs, transfer
from flowstudio.engine.carried import Carried
from flowstudio.engine.tally import together
from flowstudio.engine.transfer import Way
from flowstudio.store.models import Batch
from flowstudio.store.sql import db_json, db_time, from_db_json, from_db_time

log = structlog.get_logger("flowstudio.engine")
PIECE = 250
# Runs that were being carried, or began by the old version in the same moment, are looked for again for this long.
_LINGER = timedelta(seconds=2)
_LONGEST = timedelta(seconds=30)
_OPEN = (
    "SELECT b.id, b.flow_id, b.kind, b.source, b.target, b.orders, b.look_at, o.id, v.id FROM store_batch b "
    "LEFT JOIN store_version o ON o.flow_id = b.flow_id AND o.number = b.source "
    "LEFT JOIN store_version v ON v.flow_id = b.flow_id AND v.number = b.target "
    "WHERE b.finished_at IS NULL ORDER BY b.id LIMIT 100"
)
_TAKE = "SELECT after, rounds, done, started_at, total FROM store_batch WHERE id = %s AND finished_at IS NULL"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Open:
    id: str
    flow: str
    kind: str
    orders: Mapping[str, Any]
    look_at: datetime
    way: Way | None


class Batches:
    """What this engine knows of open batches, as its last look found them."""

    def __init__(self) -> None:
        self._first: dict[str, _Open] = {}

    def way(self, one: Carried) -> Way | None:
        """The move that this run takes part in and has not made yet."""
        found = self._first.get(one.flow)
        if found is None or found.way is None or one.stays or found.way.source != one.number:
            return None
        return found.way

    def look(self, cursor: CursorWrapper) -> None:
        """Reads which batches are open: a handful, whatever the history."""
        cursor.execute(_OPEN)
        self._first = {}
        for row in cursor.fetchall():
            self._first.setdefault(row[1], _read(row))

    def work(self, cursor: CursorWrapper, now: datetime) -> tuple[bool, datetime | None]:
        """Does one piece of each batch that is due; whether there is more at once, and when to look again."""
        more, later = False, None
        for one in self._first.values():
            at = one.look_at if one.look_at > now else _piece(cursor, one, now)
            if at is None:
                # Finished, or another engine is at it; the flow's next batch is found by the next look.
                more = more or one.look_at <= now
            elif at <= now:
                more = True
            else:
                later = at if later is None else min(later, at)
        return more, later


def begin(batch: Batch, now: datetime) -> bool:
    """The first piece of a `resume`, in the running transaction: where there are few it is the last. True when it was."""
    one = _Open(id=batch.id, flow=batch.flow_id, kind=batch.kind, orders=batch.orders, look_at=batch.look_at, way=None)
    with connection.cursor() as cursor, together(cursor):
        return _piece(cursor, one, now) is None


def _read(row: tuple[Any, ...]) -> _Open:
    batch, flow, kind, source, target, orders, look_at, old, new = row
    kept = from_db_json(orders) or {}
    at = from_db_time(look_at)
    if at is None:
        raise ValueError("an open batch says when to look at it")
    way: Way | None = None
    if kind == "move":
        try:
            before, after = programs.entry(old), programs.entry(new)
            way = Way(source=source, target=target, target_id=new, before=before, after=after, orders=kept)
        except FlowstudioError as error:
            # As with any run of such a version: kept as it is, and looked at later (F24).
            log.warning("batch.waits", batch=batch, error=error.message)
    return _Open(id=batch, flow=flow, kind=kind, orders=kept, look_at=at, way=way)


def _piece(cursor: CursorWrapper, one: _Open, now: datetime) -> datetime | None:
    """One piece; gives when the next is due, None when there is none to be done by this engine."""
    cursor.execute(_TAKE + (" FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""), [one.id])
    row = cursor.fetchone()
    if row is None:
        return None
    after, rounds, done, started_at, total = row
    kept = {name: int(count) for name, count in (from_db_json(done) or {}).items()}
    if one.kind == "resume":
        at, counts, after = overdue.piece(cursor, one.flow, one.orders, kept, total, after, now)
    elif one.way is None:
        at, counts = now + _LONGEST, {}
    else:
        at, counts, after, rounds = _move(cursor, one, one.way, after, rounds, _age(started_at, now), now)
    for name, count in counts.items():
        kept[name] = kept.get(name, 0) + count
    cursor.execute(
        "UPDATE store_batch SET after = %s, rounds = %s, done = %s, look_at = %s, finished_at = %s WHERE id = %s",
        [after, rounds, db_json(kept), db_time(at or now), None if at else db_time(now), one.id],
    )
    failpoints.hit("after_piece")
    return at


def _age(started_at: Any, now: datetime) -> timedelta:
    began = from_db_time(started_at)
    return now - began if began else timedelta(0)


def _move(
    cursor: CursorWrapper, one: _Open, way: Way, after: str, rounds: int, age: timedelta, now: datetime
) -> tuple[datetime | None, dict[str, int], str, int]:
    cursor.execute(
        "SELECT id FROM store_run WHERE flow_id = %s AND status = 'active' AND number = %s AND NOT stays AND id > %s "
        "ORDER BY id LIMIT %s",
        [one.flow, way.source, after, PIECE],
    )
    runs = [row[0] for row in cursor.fetchall()]
    taken = transfer.take(cursor, way, runs, now)
    counts = {
        "moved": len(taken.moved), "stayed": len(taken.stayed), "ended": len(taken.ended), "released": taken.released,
    }  # fmt: skip
    if len(runs) == PIECE:
        return now, counts, runs[-1], rounds
    if not after and not taken.busy and age >= _LINGER:
        return None, counts, "", rounds + 1
    pause = min(_LONGEST, timedelta(seconds=0.2 * 2 ** min(rounds, 10)))
    return now + pause, counts, "", rounds + 1
