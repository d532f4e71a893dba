"""What a retry takes over from the failed runs before it: context, visits, and whose effect keys it uses (10.7)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

from flowstudio.engine.carried import Carried, effect_key
from flowstudio.store.sql import from_db_json, from_db_time


def line(cursor: CursorWrapper, run: str) -> list[str]:
    """The runs that `run` goes on from, the first one first. A chain is as long as people pressed Retry."""
    found: list[str] = []
    while True:
        cursor.execute("SELECT retry_of FROM store_run WHERE id = %s", [run])
        row = cursor.fetchone()
        if row is None or not row[0] or row[0] in found:
            return found[::-1]
        run = row[0]
        found.append(run)


def restore(cursor: CursorWrapper, retries: Sequence[Carried]) -> None:
    """Gives retries what the runs before them knew. The step that failed is not known: it is what is tried again."""
    for one in retries:
        before = line(cursor, one.run)
        one.first = before[0] if before else one.run
        for run in before:
            cursor.execute(
                "SELECT node, visit, status, output FROM store_step WHERE run_id = %s ORDER BY seq, id", [run]
            )
            steps = cursor.fetchall()
            for node, visit, status, output in steps:
                one.visits[node] = max(visit, one.visits.get(node, 0))
                if status == "done" or (status == "failed" and (node, visit) != steps[-1][:2]):
                    one.outputs[node] = {"output": from_db_json(output)}
        if one.step is not None and before:
            marks = ", ".join(["%s"] * len(before))
            cursor.execute(
                f"SELECT MIN(started_at) FROM store_attempt WHERE run_id IN ({marks}) AND key = %s",  # noqa: S608
                [*before, effect_key(one.first, one.node, one.visit)],
            )
            one.step.tried_since = from_db_time(cursor.fetchone()[0])
