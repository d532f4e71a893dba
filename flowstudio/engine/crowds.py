"""Schedules that fire, and crowds that are brought into a flow piece by piece.

Whoever moves a schedule's `next_at` on has fired it: once over all engines. Occurrences missed while nothing ran are one,
and only while it is younger than the flow's `max_event_age`. Each customer of a crowd is one event of the engine's own,
once, whose entry is judged like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.domain import cron, flow_settings
from flowstudio.engine import membership, rows, subflows
from flowstudio.engine.batches import Batches
from flowstudio.engine.subflows import Note
from flowstudio.store.ids import new_id
from flowstudio.store.sql import db_time, from_db_json, from_db_time

log = structlog.get_logger("flowstudio.engine")
CROWD = "crowd"
_PIECE = 250
_DUE = (
    "SELECT s.id, s.workspace_id, s.flow_id, s.cron, s.timezone, s.segment_id, s.next_at, f.state, v.graph "
    "FROM store_schedule s JOIN store_flow f ON f.id = s.flow_id "
    "JOIN store_version v ON v.flow_id = f.id AND v.number = f.version WHERE s.next_at <= %s ORDER BY s.next_at LIMIT 50"
)
_OPEN = "SELECT id, workspace_id, flow_id, segment_id, after FROM store_crowd WHERE finished_at IS NULL ORDER BY id LIMIT 20"


def brought(flow: str) -> str:
    """The event name under which a flow finds those who are brought into it."""
    return f"crowd:{flow}"


def work(cursor: CursorWrapper, now: datetime, batches: Batches) -> tuple[bool, datetime | None]:
    """One piece of everything that goes on by itself; whether there is more at once, and when to look again."""
    more, later = batches.work(cursor, now)
    judging, look_at = membership.work(cursor, now)
    _schedules(cursor, now)
    coming = _crowds(cursor, now)
    cursor.execute("SELECT MIN(next_at) FROM store_schedule")
    moments = [later, look_at, from_db_time(cursor.fetchone()[0])]
    return more or judging or coming, min((at for at in moments if at is not None and at > now), default=None)


def _schedules(cursor: CursorWrapper, now: datetime) -> None:
    cursor.execute(_DUE, [db_time(now)])
    for key, workspace, flow, text, zone_name, segment, next_at, state, graph in cursor.fetchall():
        zone, since = ZoneInfo(zone_name), from_db_time(next_at)
        if since is None:
            continue
        after = db_time(cron.next_after(text, zone, now))
        cursor.execute("UPDATE store_schedule SET next_at = %s WHERE id = %s AND next_at = %s", [after, key, next_at])
        if cursor.rowcount != 1 or state != "live":
            continue
        due = cron.last_until(text, zone, since, now)
        oldest = flow_settings.read((from_db_json(graph) or {}).get("settings") or {}).duration("max_event_age")
        if now - due > oldest:
            log.warning("schedule.missed", flow=flow, due=due.isoformat())
            continue
        gather(cursor, workspace=workspace, flow=flow, segment=segment, key=due.isoformat(), now=now)


def gather(cursor: CursorWrapper, *, workspace: str, flow: str, segment: str, key: str, now: datetime) -> None:
    """Asks for a crowd to be brought into a flow; the same key asks once."""
    rows.insert(
        cursor,
        "store_crowd",
        ("id", "workspace_id", "flow_id", "key", "segment_id", "after", "count", "started_at"),
        [(new_id(), workspace, flow, key[:64], segment, "", 0, db_time(now))],
        skip_conflicts=True,
    )


def _crowds(cursor: CursorWrapper, now: datetime) -> bool:
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    cursor.execute(_OPEN + lock)
    more = False
    for row in cursor.fetchall():
        more = _piece(cursor, row, now) or more
    return more


def _piece(cursor: CursorWrapper, row: Sequence[Any], now: datetime) -> bool:
    crowd, workspace, flow, segment, after = row
    if segment:
        cursor.execute("SELECT ready FROM store_segment WHERE id = %s", [segment])
        ready = cursor.fetchone()
        if ready is not None and not ready[0]:
            return False
        cursor.execute(
            "SELECT customer_id FROM store_member WHERE segment_id = %s AND inside AND customer_id > %s "
            "ORDER BY customer_id LIMIT %s",
            [segment, after, _PIECE],
        )
    else:
        cursor.execute(
            "SELECT id FROM store_customer WHERE workspace_id = %s AND id > %s ORDER BY id LIMIT %s",
            [workspace, after, _PIECE],
        )
    customers = [one[0] for one in cursor.fetchall()]
    notes = [
        Note(
            workspace=workspace, customer=customer, type=CROWD, name=brought(flow), message_id=f"{crowd}:{customer}",
            source=CROWD, properties={"segment": segment} if segment else {}, context={},
        )
        for customer in customers
    ]  # fmt: skip
    subflows.put(cursor, notes, now)
    over = len(customers) < _PIECE
    cursor.execute(
        "UPDATE store_crowd SET after = %s, count = count + %s, finished_at = %s WHERE id = %s",
        [customers[-1] if customers else after, len(customers), db_time(now) if over else None, crowd],
    )
    return not over
