"""What became of a call whose run went on without it: recorded first, whatever the run does meanwhile (SEMANTICS 2.2, 9.3).

Where the run waits for this very step elsewhere (its lease was lost), only the attempt is settled. Where its arm was
stopped, or its run ended, while the call was under way, the step is finished too, with what it brought.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from flowstudio.domain import histogram
from flowstudio.engine import clock, commit, traits
from flowstudio.engine.carried import Carried
from flowstudio.engine.moves import Move, Outcome, StepRow
from flowstudio.engine.tally import Tally
from flowstudio.store.sql import db_time

_ABANDONED = (
    "UPDATE store_step SET status = %s, left_at = %s, port = %s, reason = %s, output = %s, traits = %s, "
    "cost = cost + %s WHERE id = %s AND status = 'running' "
    "AND NOT EXISTS (SELECT 1 FROM store_token t WHERE t.step_id = store_step.id)"
)


def record(cursor: CursorWrapper, move: Move) -> None:
    """How a call ended whose move was refused."""
    if move.outcome is None:
        return
    commit.settle(cursor, [move.outcome])
    step = next((row for row in move.steps if not row.new and row.status in ("done", "failed")), None)
    _close(cursor, move.carried, move.outcome, step, move)


def not_sent(cursor: CursorWrapper, carried: Carried, outcome: Outcome) -> None:
    """A call that was forbidden at the last moment, of a run that went on elsewhere."""
    commit.settle(cursor, [outcome])
    _close(cursor, carried, outcome, None, None)


def _close(cursor: CursorWrapper, carried: Carried, outcome: Outcome, step: StepRow | None, move: Move | None) -> None:
    now = clock.now()
    step_id = step.id if step else carried.step.id if carried.step else ""
    node = step.node if step else carried.node
    values: tuple[str, str, str, str | None, str, float] = (
        "cancelled",
        "",
        "Not needed any more",
        None,
        "{}",
        outcome.cost,
    )
    if step is not None:
        values = (step.status, step.port, step.reason, step.output, step.traits, outcome.cost)
    status, port, reason, output, written, cost = values
    cursor.execute(_ABANDONED, [status, db_time(now), port, reason, output, written, cost, step_id])
    if cursor.rowcount == 1:
        tally = Tally()
        subject = f"node:{node}"
        counts = [(subject, "inside", -1)]
        if step is not None:
            bucket = histogram.bucket((now - step.entered_at).total_seconds())
            counts += [(subject, "done" if status == "done" else "failed", 1), (subject, f"d{bucket}", 1)]
        for name, metric, delta in counts:
            tally.count(carried.workspace, carried.flow, carried.number, name, metric, delta)
        tally.step(carried.workspace, carried.flow, step_id, carried.run)
        tally.run(carried.workspace, carried.flow, carried.run, carried.customer)
        if cost:
            cursor.execute("UPDATE store_run SET cost = cost + %s WHERE id = %s", [cost, carried.run])
        if move is not None and step is not None:
            changes = [
                traits.Change(
                    workspace_id=carried.workspace, customer_id=carried.customer, values=new, source=source,
                    occurred_at=at, reference=reference,
                )
                for source, new, at, reference in move.traits
                if reference == step.id
            ]  # fmt: skip
            if changes:
                traits.write_all(cursor, changes, now=now)
        tally.write(cursor, now)
    commit.tell_attempts(cursor, [outcome.attempt], now)
