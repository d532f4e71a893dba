"""How a run leaves whose call was with a vendor when its exit or goal came: recorded first, then over (SEMANTICS 2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import commit, control, traits
from flowstudio.engine.carried import Carried
from flowstudio.engine.moves import Move, Outcome, StepRow
from flowstudio.engine.tally import Tally
from flowstudio.store.models import Run, Token
from flowstudio.store.sql import db_time


def leave(
    cursor: CursorWrapper,
    one: Carried,
    how: Mapping[str, Any],
    *,
    owner: str,
    outcome: Outcome | None,
    move: Move | None,
    now: datetime,
) -> None:
    """Records what became of the call, and of its step where `move` knows it; then ends the run as `how` says.

    Whoever lost the lease records the call alone: the run is ended by the one who holds it.
    """
    if outcome is not None:
        commit.settle(cursor, [outcome])
    if not Token.objects.filter(id=one.token, owner=owner, fence=one.fence).exists():
        if outcome is not None:
            commit.tell_attempts(cursor, [outcome.attempt], now)
        return
    run = Run.objects.select_related("customer").filter(id=one.run, status="active").first()
    if run is None:
        return
    tally = Tally()
    done = next((row for row in move.steps if not row.new and row.status in ("done", "failed")), None) if move else None
    if done is not None and move is not None:
        _finish(cursor, run, done, move, tally, now)
    if outcome is not None and outcome.cost:
        cursor.execute("UPDATE store_run SET cost = cost + %s WHERE id = %s", [outcome.cost, run.id])
    tally.write(cursor, now)
    control.end_runs(
        [run], status=str(how["status"]), reason=str(how["reason"]), sentence=str(how.get("sentence") or "")
    )


def _finish(cursor: CursorWrapper, run: Run, done: StepRow, move: Move, tally: Tally, now: datetime) -> None:
    """The step of the call as its answer finished it, with the traits that the answer brought."""
    cursor.execute(
        "UPDATE store_step SET status = %s, left_at = %s, port = %s, reason = %s, output = %s, traits = %s, "
        "cost = cost + %s WHERE id = %s AND status NOT IN ('done', 'failed', 'cancelled')",
        [
            done.status, db_time(done.left_at), done.port, done.reason, done.output, done.traits, done.cost, done.id,
        ],
    )  # fmt: skip
    if cursor.rowcount != 1:
        return
    for metric, delta in (("inside", -1), (done.status, 1)):
        tally.count(run.workspace_id, run.flow_id, run.number, f"node:{done.node}", metric, delta)
    tally.step(run.workspace_id, run.flow_id, done.id, run.id)
    changes = [
        traits.Change(
            workspace_id=run.workspace_id, customer_id=run.customer_id, values=values, source=source, occurred_at=at,
            reference=step,
        )
        for source, values, at, step in move.traits
        if step == done.id
    ]  # fmt: skip
    if traits.write_all(cursor, changes, now=now):
        tally.customer(run.workspace_id, run.customer_id)
