"""The feed: what was committed, in order, for viewers (DESIGN "How data flows", 6).

A reader follows `id > cursor`. That is complete only when ids rise in the order of commits: SQLite has one writer, and
on PostgreSQL an advisory lock for each workspace is held from the id's making to the commit. So append last in a
transaction, and never call out while one is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.engine import clock
from flowstudio.store.sql import db_json, db_time

# A viewer that comes back later than this gets a snapshot instead of what it missed.
KEPT = timedelta(days=1)
# So many rows go at a time: short enough that no customer waits for it.
_PIECE = 2_000
_LOCK_CLASS = 0x666C6F77  # "flow": keeps our advisory locks apart from anyone else's in the same database.
_INSERT = "INSERT INTO store_feed (workspace_id, kind, flow_id, at, facts) VALUES (%s, %s, %s, %s, %s)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One row of the feed, before it is written."""

    workspace_id: str
    kind: str
    flow_id: str
    facts: Mapping[str, Any]


def append(cursor: CursorWrapper, workspace_id: str, kind: str, flow_id: str, facts: Mapping[str, Any]) -> None:
    """Adds one fact in the running transaction; viewers see it once that commits."""
    append_all(cursor, [Fact(workspace_id=workspace_id, kind=kind, flow_id=flow_id, facts=facts)])


def append_all(cursor: CursorWrapper, facts: Sequence[Fact]) -> None:
    """Adds several facts; workspaces are locked in one fixed order, so that two writers never wait for each other."""
    if not facts:
        return
    if connection.vendor == "postgresql":
        for workspace in sorted({fact.workspace_id for fact in facts}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK_CLASS, workspace])
    at = db_time(clock.now())
    cursor.executemany(
        _INSERT, [(fact.workspace_id, fact.kind, fact.flow_id, at, db_json(fact.facts)) for fact in facts]
    )


def prune(cursor: CursorWrapper, now: datetime) -> int:
    """Takes away one piece of what is older than a day; answers how many rows went."""
    # Numbers rise with time: the oldest piece is all that need be looked at. The last row stays, since an empty feed
    # would give its cursor, and with it a viewer's place, as nothing.
    cursor.execute(
        "DELETE FROM store_feed WHERE id IN (SELECT id FROM "
        "(SELECT id, at FROM store_feed ORDER BY id LIMIT %s) AS oldest WHERE at < %s) "
        "AND id < (SELECT max(id) FROM store_feed)",
        [_PIECE, db_time(now - KEPT)],
    )
    return int(cursor.rowcount)
