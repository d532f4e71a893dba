"""Resuming a paused flow (SEMANTICS 13.2): what becomes of customers whose time came while nothing ran.

While a piece is left the flow stays paused, so that nobody goes on before it was decided how. The last piece opens it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.engine import control, feed, rows
from flowstudio.engine.tally import Tally
from flowstudio.store.models import Run
from flowstudio.store.sql import db_time, from_db_time

PIECE = 500
_OVERDUE = (
    "SELECT id, run_id, due_at, step_id FROM store_token "
    "WHERE flow_id = %s AND owner = '' AND due_at IS NOT NULL AND due_at < %s ORDER BY due_at, id LIMIT %s"
)
_LATEST = (
    "SELECT id, run_id, due_at, step_id FROM store_token "
    "WHERE flow_id = %s AND owner = '' AND due_at IS NOT NULL AND (due_at < %s OR (due_at = %s AND id < %s)) "
    "ORDER BY due_at DESC, id DESC LIMIT %s"
)
_END = "9999-12-31T00:00:00+00:00"
_LATER = timedelta(seconds=0.2)

Row = tuple[str, str, datetime, str]


def piece(
    cursor: CursorWrapper,
    flow: str,
    orders: Mapping[str, Any],
    done: Mapping[str, int],
    total: int,
    after: str,
    now: datetime,
) -> tuple[datetime | None, dict[str, int], str]:
    """Decides for the next customers; gives when to go on (None: all were seen and the flow runs again), what was done,
    and how far it came."""
    how = str(orders["overdue"])
    resumed = datetime.fromisoformat(str(orders["resumed_at"]))
    if how == "shift":
        due, _, last = (after or f"{_END}|").partition("|")
        at = db_time(datetime.fromisoformat(due))
        found = _read(cursor, _LATEST, [flow, at, at, last, PIECE])
        counts = _shift(cursor, found, resumed - datetime.fromisoformat(str(orders["paused_at"])))
        after = f"{found[-1][2].isoformat()}|{found[-1][0]}" if found else after
    else:
        found = _read(cursor, _OVERDUE, [flow, db_time(resumed), PIECE])
        older = timedelta(seconds=int(orders.get("older_than_s") or 0))
        gone = [one for one in found if how == "exit" or (how == "skip" and one[2] < resumed - older)]
        ids = {one[0] for one in gone}
        spread = timedelta(seconds=int(orders.get("spread_s") or 0))
        stays = [one for one in found if one[0] not in ids]
        counts = _release(cursor, stays, resumed, spread / max(total, 1), done.get("released", 0))
        counts["ended"] = _end(gone, how)
    if len(found) == PIECE:
        return now, counts, after
    opened = _open(cursor, flow, str(orders["to"]), now)
    return None if opened else now + _LATER, counts, after


def _read(cursor: CursorWrapper, sql: str, values: list[Any]) -> list[Row]:
    cursor.execute(sql, values)
    found = []
    for token, run, due_at, step in cursor.fetchall():
        due = from_db_time(due_at)
        if due is not None:
            found.append((token, run, due, step))
    return found


def _shift(cursor: CursorWrapper, found: Sequence[Row], length: timedelta) -> dict[str, int]:
    """Every timer ends as much later as the pause was long."""
    moved = [(token, db_time(due + length), step) for token, _, due, step in found]
    rows.update(
        cursor, "store_token", ["due_at"], [(token, due) for token, due, _ in moved], types=["text", "timestamptz"]
    )
    rows.update(
        cursor, "store_step", ["due_at"], [(step, due) for _, due, step in moved if step],
        types=["text", "timestamptz"], where="t.status = 'waiting'",
    )  # fmt: skip
    return {"shifted": len(found)}


def _release(
    cursor: CursorWrapper, found: Sequence[Row], resumed: datetime, pace: timedelta, first: int
) -> dict[str, int]:
    """They go on one after the other, whoever waited longest first. A waiting step keeps the end that it had."""
    due = [(token, db_time(resumed + pace * (first + place))) for place, (token, _, _, _) in enumerate(found)]
    rows.update(cursor, "store_token", ["due_at"], due, types=["text", "timestamptz"])
    return {"released": len(found)}


def _end(gone: Sequence[Row], how: str) -> int:
    if not gone:
        return 0
    runs = list(Run.objects.filter(id__in={one[1] for one in gone}).select_related("customer"))
    status, reason = ("expired", "expired") if how == "skip" else ("cancelled", "cancelled_by_user")
    sentence = "Too late when the flow was resumed" if how == "skip" else "Let out when the flow was resumed"
    return control.end_runs(runs, status=status, reason=reason, sentence=sentence)


def _open(cursor: CursorWrapper, flow: str, to: str, now: datetime) -> bool:
    """The flow runs again, unless somebody has changed its state meanwhile; False: somebody is about to, ask later."""
    if connection.vendor == "postgresql":
        # Who stops the flow holds it and waits for tokens that we hold: not to wait for each other in a circle.
        cursor.execute("SELECT 1 FROM store_flow WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", [flow])
        if cursor.fetchone() is None:
            return False
    cursor.execute(
        "UPDATE store_flow SET state = %s, paused_at = NULL, changed_at = %s WHERE id = %s AND state = 'paused'",
        [to, db_time(now), flow],
    )
    if cursor.rowcount != 1:
        return True
    cursor.execute(
        "SELECT f.workspace_id, f.name, f.version, d.revision FROM store_flow f JOIN store_draft d ON d.flow_id = f.id "
        "WHERE f.id = %s",
        [flow],
    )
    workspace, name, version, revision = cursor.fetchone()
    tally = Tally()
    tally.tell(
        feed.Fact(
            workspace_id=workspace, kind="flow", flow_id=flow,
            facts={"flow": flow, "name": name, "state": to, "version": version, "draft_revision": revision},
        )
    )  # fmt: skip
    tally.write(cursor, now)
    return True
