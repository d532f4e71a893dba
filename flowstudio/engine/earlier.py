"""What a retry takes over from the failed runs before it: context, visits, and whose effect keys it uses (10.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import rows
from flowstudio.engine.carried import Carried, effect_key
from flowstudio.store.sql import from_db_json, from_db_time


def line(cursor: CursorWrapper, run: str) -> list[str]:
    """The runs that `run` goes on from, the first one first. A chain is as long as people pressed Retry."""
    return _lines(cursor, [run])[run]


def restore(cursor: CursorWrapper, retries: Sequence[Carried]) -> None:
    """Gives retries what the runs before them knew. The step that failed is not known: it is what is tried again.

    A handful of queries, however many runs are tried again at once.
    """
    if not retries:
        return
    before = _lines(cursor, [one.run for one in retries])
    every = sorted({run for line in before.values() for run in line})
    steps = _steps(cursor, every)
    first_tries = _first_tries(cursor, every)
    for one in retries:
        one.first = before[one.run][0] if before[one.run] else one.run
        for run in before[one.run]:
            for node, visit, status, output in steps[run]:
                one.visits[node] = max(visit, one.visits.get(node, 0))
                if status == "done" or (status == "failed" and (node, visit) != steps[run][-1][:2]):
                    one.outputs[node] = {"output": from_db_json(output)}
        if one.step is not None:
            one.step.tried_since = from_db_time(first_tries.get(effect_key(one.first, one.node, one.visit)))


def _lines(cursor: CursorWrapper, runs: Sequence[str]) -> dict[str, list[str]]:
    """For each run those before it, the first one first; one query for each link of the longest chain."""
    found: dict[str, list[str]] = {run: [] for run in runs}
    heads = {run: run for run in runs}
    while heads:
        parents: dict[str, str] = {}
        for chunk in rows.chunks(sorted(set(heads.values()))):
            cursor.execute(
                "SELECT id, retry_of FROM store_run "  # noqa: S608
                f"WHERE retry_of <> '' AND id IN ({_marks(chunk)})",
                list(chunk),
            )
            parents.update(cursor.fetchall())
        heads = {
            run: parents[head] for run, head in heads.items() if head in parents and parents[head] not in found[run]
        }
        for run, head in heads.items():
            found[run].insert(0, head)
    return found


def _steps(cursor: CursorWrapper, runs: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for chunk in rows.chunks(runs):
        cursor.execute(
            "SELECT run_id, node, visit, status, output FROM store_step "  # noqa: S608
            f"WHERE run_id IN ({_marks(chunk)}) ORDER BY run_id, seq, id",
            list(chunk),
        )
        for run, *step in cursor.fetchall():
            found[run].append(tuple(step))
    return found


def _first_tries(cursor: CursorWrapper, runs: Sequence[str]) -> dict[str, Any]:
    """When each effect key was used first; a key belongs to one chain, and so to runs of one chunk or several."""
    found: dict[str, Any] = {}
    for chunk in rows.chunks(runs):
        cursor.execute(
            "SELECT key, MIN(started_at) FROM store_attempt "  # noqa: S608
            f"WHERE run_id IN ({_marks(chunk)}) GROUP BY key",
            list(chunk),
        )
        for key, at in cursor.fetchall():
            found[key] = min(at, found.get(key, at))
    return found


def _marks(values: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(values))
