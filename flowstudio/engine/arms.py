"""Which arm each customer has at a split: read with the run, written with the step, inherited at a merge (SEMANTICS 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import rows
from flowstudio.engine.carried import Carried
from flowstudio.engine.moves import Move
from flowstudio.store.models import Assignment
from flowstudio.store.sql import db_time


def load(cursor: CursorWrapper, carried: Sequence[Carried]) -> None:
    """Gives runs the arms that their customers have in their flows."""
    for chunk in rows.chunks(carried):
        marks = ", ".join(["%s"] * len(chunk))
        cursor.execute(
            f"SELECT customer_id, flow_id, node, arm FROM store_assignment WHERE customer_id IN ({marks})",  # noqa: S608
            [one.customer for one in chunk],
        )
        found: dict[tuple[str, str], dict[str, str]] = {}
        for customer, flow, node, arm in cursor.fetchall():
            found.setdefault((customer, flow), {})[node] = arm
        for one in chunk:
            one.assigned = found.get((one.customer, one.flow), {})


def save(cursor: CursorWrapper, moves: Sequence[Move], now: datetime) -> None:
    """Writes first assignments; a row that stands already stays.

    Two runs of one customer that cross a split at once agree by the hash, unless the weights differ between their
    versions: then the first row counts from the next arrival on. A refusal here would repeat the call before the split.
    """
    wanted = {
        (move.carried.customer, move.carried.flow, node): (move.carried.workspace, arm)
        for move in moves
        for node, arm in move.assigned
    }
    if not wanted:
        return
    rows.insert(
        cursor,
        "store_assignment",
        ("workspace_id", "flow_id", "node", "customer_id", "arm", "at"),
        [(space, flow, node, customer, arm, db_time(now)) for (customer, flow, node), (space, arm) in wanted.items()],
        skip_conflicts=True,
    )


def inherit(cursor: CursorWrapper, into: Mapping[str, str]) -> None:
    """Anonymous customers' arms go to the users they turned out to be; of two the earliest stays (SEMANTICS 12.1)."""
    rows_ = Assignment.objects.filter(customer_id__in={*into, *into.values()}).order_by("at", "id")
    first: dict[tuple[str, str, str], int] = {}
    gone: list[int] = []
    moved: list[tuple[int, str]] = []
    for key, customer, flow, node in rows_.values_list("id", "customer_id", "flow_id", "node"):
        owner = into.get(customer, customer)
        if first.setdefault((owner, flow, node), key) != key:
            gone.append(key)
        elif owner != customer:
            moved.append((key, owner))
    for chunk in rows.chunks(gone):
        Assignment.objects.filter(id__in=chunk).delete()
    rows.update(cursor, "store_assignment", ["customer_id"], moved, types=["bigint", "text"])
