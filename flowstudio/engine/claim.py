"""Claims in batches: leases with an owner, an end and a fencing number (SEMANTICS 10.5).

`SKIP LOCKED` on PostgreSQL, a conditional UPDATE inside the single writer's transaction on SQLite. Tokens of paused and
stopped flows are not claimed; their timers keep their due time (13.1).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from django.db import connection
from django.db.backends.utils import CursorWrapper

from flowstudio.domain.errors import FlowstudioError
from flowstudio.engine import arms, earlier, fair, poison, programs, rows
from flowstudio.engine.carried import Carried, OpenStep, Tried
from flowstudio.store.sql import db_time, from_db_json, from_db_time

logger = logging.getLogger("flowstudio.engine")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
HALTED = ("paused", "stopped", "archived")
type Whom = Literal["all", "well", "suspects"]
# CROSS JOIN keeps SQLite on the index of due tokens as the outer loop; for PostgreSQL it means the same as JOIN.
_DUE = (
    "SELECT t.id FROM store_token t CROSS JOIN store_flow f WHERE f.id = t.flow_id AND t.owner = '' "
    "AND t.due_at IS NOT NULL AND t.due_at <= %s AND f.state NOT IN ('paused', 'stopped', 'archived') {whom}"
    "ORDER BY t.due_at, t.id LIMIT %s"
)
# Suspects are left to the child process that tries them alone; what was set aside is ended by anybody (10.8).
_WHOM = {
    "all": "",
    "well": f"AND (t.deaths = 0 OR t.deaths > {poison.DEATHS_ALONE}) ",
    "suspects": f"AND t.deaths > 0 AND t.deaths <= {poison.DEATHS_ALONE} ",
}
_DUE_OF = (
    "SELECT t.id FROM store_token t CROSS JOIN store_flow f WHERE f.id = t.flow_id AND t.workspace_id = %s AND t.owner = '' "
    "AND t.due_at IS NOT NULL AND t.due_at <= %s AND f.state NOT IN ('paused', 'stopped', 'archived') {whom}"
    "ORDER BY t.due_at, t.id LIMIT %s"
)
_FREE = "SELECT id FROM store_token WHERE owner = '' AND id IN ({marks}) FOR UPDATE SKIP LOCKED"
_NEXT = "SELECT MIN(due_at) FROM store_token WHERE owner = '' AND due_at IS NOT NULL AND due_at > %s"
_LOAD = """
SELECT t.id, t.run_id, t.workspace_id, t.flow_id, t.node, t.visit, t.state, t.due_at, t.tries, t.wake, t.fence,
  t.lease_until, t.leaving, r.shadow, r.version_id, r.number, r.customer_id, r.subject, r.correlation, r.started_at, r.steps,
  r.retry_of, c.external_id, c.email, c.name, c.traits, w.timezone, s.id, s.entered_at, s.due_at, s.status, s.input,
  t.deaths, s.version_id, r.stays, t.parent, t.arm, t.meets, t.block
FROM store_token t JOIN store_run r ON r.id = t.run_id JOIN store_customer c ON c.id = r.customer_id
JOIN store_workspace w ON w.id = t.workspace_id LEFT JOIN store_step s ON s.id = t.step_id
WHERE t.id IN ({marks}) AND t.owner = %s
"""


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)


def claim(
    cursor: CursorWrapper, *, owner: str, now: datetime, lease_until: datetime, limit: int, whom: Whom = "all"
) -> list[Carried]:
    """Takes up to `limit` due tokens and loads their runs: oldest first; with more than fit, some of every workspace."""
    if limit <= 0:
        return []
    lock = " FOR UPDATE OF t SKIP LOCKED" if connection.vendor == "postgresql" else ""
    cursor.execute(_DUE.format(whom=_WHOM[whom]) + lock, [db_time(now), limit])
    ids = [row[0] for row in cursor.fetchall()]
    if len(ids) == limit:
        ids = _fair(cursor, ids, now=now, limit=limit, whom=whom)
    for chunk in rows.chunks(ids):
        cursor.execute(
            "UPDATE store_token SET owner = %s, lease_until = %s, fence = fence + 1 "  # noqa: S608
            f"WHERE owner = '' AND id IN ({_marks(len(chunk))})",
            [owner, db_time(lease_until), *chunk],
        )
    return load(cursor, ids, owner=owner)


def _fair(cursor: CursorWrapper, oldest: list[str], *, now: datetime, limit: int, whom: Whom) -> list[str]:
    """A full batch with a place for every workspace that has due tokens (F19)."""
    spaces = fair.workspaces(cursor, "store_token", "owner = '' AND due_at IS NOT NULL")
    if len(spaces) < 2:
        return oldest
    chosen, each = fair.turn(spaces, limit)
    asked = fair.union(_DUE_OF.format(whom=_WHOM[whom]), len(chosen))
    cursor.execute(asked, [value for space in chosen for value in (space, db_time(now), each)])
    known, found = set(oldest), [row[0] for row in cursor.fetchall()]
    fresh = [one for one in found if one not in known]
    if fresh and connection.vendor == "postgresql":
        # What another engine has taken meanwhile is left to it.
        cursor.execute(_FREE.format(marks=_marks(len(fresh))), fresh)
        known.update(row[0] for row in cursor.fetchall())
        found = [one for one in found if one in known]
    return fair.merged(oldest, found, limit)


def next_due(cursor: CursorWrapper, now: datetime) -> datetime | None:
    """When the next timer comes due; None: there is none."""
    cursor.execute(_NEXT, [db_time(now)])
    row = cursor.fetchone()
    return from_db_time(row[0]) if row else None


def load(cursor: CursorWrapper, ids: Sequence[str], *, owner: str) -> list[Carried]:
    """The runs of tokens that `owner` holds, with their context restored from the steps' rows (SEMANTICS 10.7)."""
    carried: list[Carried] = []
    for chunk in rows.chunks(ids):
        cursor.execute(_LOAD.format(marks=_marks(len(chunk))), [*chunk, owner])
        carried += [_carried(row) for row in cursor.fetchall()]
    # A run just admitted (its first lease, nothing done) has no rows to read; `steps` of others may lag behind.
    travelled = [one for one in carried if one.seq or one.fence > 1]
    earlier.restore(cursor, [one for one in travelled if one.retry_of])
    of_run: dict[str, list[Carried]] = {}
    for one in travelled:
        one.seq = 0
        of_run.setdefault(one.run, []).append(one)
    for chunk in rows.chunks(list(of_run)):
        cursor.execute(
            "SELECT run_id, node, visit, status, output FROM store_step "  # noqa: S608
            f"WHERE run_id IN ({_marks(len(chunk))}) ORDER BY seq",
            list(chunk),
        )
        for run, node, visit, status, output in cursor.fetchall():
            known = {"output": from_db_json(output)} if status in ("done", "failed") else None
            for one in of_run[run]:
                one.seq += 1
                one.visits[node] = max(visit, one.visits.get(node, 0))
                if known is not None:
                    one.outputs[node] = known
    trying = {one.step.id: one for one in carried if one.step and (one.step.status != "waiting" or one.tries)}
    for chunk in rows.chunks(list(trying)):
        cursor.execute(
            "SELECT step_id, id, number, state, sandbox, started_at FROM store_attempt "  # noqa: S608
            f"WHERE step_id IN ({_marks(len(chunk))}) ORDER BY number",
            list(chunk),
        )
        for step, attempt, number, state, sandbox, started_at in cursor.fetchall():
            one = trying[step]
            since = one.step.tried_since if one.step else None
            first = one.tried.first_at if one.tried else since or from_db_time(started_at)
            if first is not None:
                one.tried = Tried(id=attempt, number=number, state=state, sandbox=bool(sandbox), first_at=first)
    _compile(carried)
    arms.load(cursor, [one for one in carried if one.entry and one.entry.program.experiments])
    return carried


def _carried(row: Sequence[Any]) -> Carried:
    (
        token, run, workspace, flow, node, visit, state, due_at, tries, wake, fence, lease_until, leaving, shadow, version, number,
        customer, subject, correlation, started_at, steps, retry_of, external_id, email, name, traits, zone, step, entered_at,
        step_due, step_status, step_input, deaths, step_version, stays, parent, arm, meets, block,
    ) = row  # fmt: skip
    opened: OpenStep | None = None
    if step:
        opened = OpenStep(
            id=step,
            entered_at=_time(entered_at),
            due_at=from_db_time(step_due),
            status=step_status,
            kept_input=from_db_json(step_input),
            version=step_version,
        )
    return Carried(
        token=token, run=run, workspace=workspace, flow=flow, version=version, number=number, customer=customer,
        external_id=external_id, email=email, name=name, traits=from_db_json(traits) or {},
        event=from_db_json(subject) or {}, correlation=correlation, started_at=_time(started_at), workspace_zone=zone,
        node=node, visit=visit, state=state, due_at=_time(due_at), tries=tries, wake=from_db_json(wake), fence=fence,
        lease_until=_time(lease_until), step=opened, seq=steps,
        retry_of=retry_of, leaving=from_db_json(leaving), shadow=bool(shadow), deaths=deaths, stays=bool(stays),
        parent=parent, arm=arm, meets=meets, block=from_db_json(block),
    )  # fmt: skip


def _time(value: Any) -> datetime:
    read = from_db_time(value)
    if read is None:
        raise ValueError("a leased token has due_at, lease_until and a run that began")
    return read


def _compile(carried: Sequence[Carried]) -> None:
    """Gives each run its compiled version; one that cannot be compiled is `trouble`, not lost (F24)."""
    for one in carried:
        try:
            one.entry = programs.entry(one.step.version if one.step else one.version)
            if one.behind and one.step is not None:
                one.newer = programs.entry(one.version)
                one.chain = programs.orders(one.flow, one.step.version, one.number)
        except FlowstudioError as error:
            one.trouble = error.message
        except Exception as error:
            logger.exception("version cannot be compiled", extra={"version": one.version})
            one.trouble = f"This version cannot be run by the installed flowstudio ({type(error).__name__})."


def renew(cursor: CursorWrapper, tokens: Sequence[str], *, owner: str, lease_until: datetime) -> set[str]:
    """Prolongs the leases of the tokens that `owner` still holds; gives those, so that the others are dropped."""
    held: set[str] = set()
    for chunk in rows.chunks(sorted(tokens)):
        cursor.execute(
            "UPDATE store_token SET lease_until = %s "  # noqa: S608
            f"WHERE owner = %s AND id IN ({_marks(len(chunk))}) RETURNING id",
            [db_time(lease_until), owner, *chunk],
        )
        held.update(row[0] for row in cursor.fetchall())
    return held


def give_back(cursor: CursorWrapper, owner: str, tokens: Sequence[str] | None = None) -> int:
    """Puts leased tokens back into the queue at once (all of the owner's, or some), with a new fence."""
    sql = "UPDATE store_token SET owner = '', lease_until = NULL, fence = fence + 1 WHERE owner = %s"
    if tokens is None:
        # What is leased has an index of its own: of a million that wait none is looked at.
        cursor.execute(f"{sql} AND NOT (owner = '') AND lease_until > %s", [owner, db_time(_LONG_AGO)])
        return int(cursor.rowcount)
    count = 0
    for chunk in rows.chunks(sorted(tokens)):
        cursor.execute(f"{sql} AND id IN ({_marks(len(chunk))})", [owner, *chunk])
        count += int(cursor.rowcount)
    return count


def still_mine(cursor: CursorWrapper, one: Carried, *, owner: str) -> str:
    """'' while the lease, the run and the flow allow a call; otherwise why not (SEMANTICS 10.2)."""
    cursor.execute(
        "SELECT f.state, t.leaving FROM store_token t JOIN store_flow f ON f.id = t.flow_id "
        "WHERE t.id = %s AND t.owner = %s AND t.fence = %s",
        [one.token, owner, one.fence],
    )
    row = cursor.fetchone()
    if row is None:
        return "lost"
    if row[1] is not None:
        return "leaving"
    return "halted" if row[0] in HALTED else ""
