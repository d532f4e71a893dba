"""Taking runs to another version (SEMANTICS 8.3 to 8.5): a bounded number of them, in the running transaction.

A run that stands still goes over whole, whatever its tokens do: one before a node meets the new node; one that waits in a
changed node gets the end that the new version gives to its arrival; one whose step is a call that is not over keeps that
step's version for it (`store_step.version_id`), and goes on by the new version after it (`engine.crossing`).
A run that some engine carries at this moment is left for later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.domain import moving
from flowstudio.domain.errors import Stale
from flowstudio.engine import control, rows, standing
from flowstudio.engine.carried import Carried
from flowstudio.engine.standing import Standing, Way
from flowstudio.engine.taking import Taking
from flowstudio.engine.tally import Tally
from flowstudio.store.models import Run
from flowstudio.store.sql import db_time

__all__ = ["Taken", "Way", "own", "stay", "take"]
_BUSY = timedelta(seconds=0.2)


@dataclass(kw_only=True, slots=True)
class Taken:
    """What one piece did; `busy` are runs that are being carried just now."""

    moved: list[str] = field(default_factory=list)
    stayed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    released: int = 0
    busy: list[str] = field(default_factory=list)


def take(cursor: CursorWrapper, way: Way, runs: Sequence[str], now: datetime, *, mine: str = "") -> Taken:
    """Carries out the orders for these runs of the source version. `mine` is a token that the caller holds itself."""
    taken = Taken()
    found = standing.read(cursor, runs)
    goes: list[Standing] = []
    ends: dict[bool, list[str]] = {True: [], False: []}
    after = way.after
    for run, tokens in found.items():
        said = {one.node: moving.verdict(way.orders, one.node)[0] for one in tokens}
        choice = moving.together(list(said.values()))
        if choice == "finish" and any(one.node not in way.before.nodes for one in tokens):
            # It has crossed already, at the end of its step: there is no way back.
            choice = "move"
        elif choice == "move" and not _fits(tokens, way):
            choice = "finish"
        if choice == "exit":
            removed = any(said[node] == "exit" and node not in after.nodes for node in said)
            ends[removed].append(run)
        elif choice == "finish":
            taken.stayed.append(run)
        elif any(one.leaving or (one.owner and one.token != mine) for one in tokens):
            taken.busy.append(run)
        else:
            taken.moved.append(run)
            goes += tokens
    tally = Tally()
    if goes:
        taken.released = Taking(cursor, way, after, now, tally).all(goes, taken.moved)
    if taken.stayed:
        _set(cursor, taken.stayed, "stays = %s", [True])
    tally.write(cursor, now)
    for removed, gone in ends.items():
        taken.ended += _end(gone, way, removed=removed)
    return taken


def _fits(tokens: Sequence[Standing], way: Way) -> bool:
    """Whether every arm of a run lies in an arm of the new version that meets at the same Join.

    A run inside a block that is drawn otherwise now finishes on its own version: half of it cannot go over.
    """
    blocks = {block.join: block for block in way.after.program.shape.blocks.values()}
    for one in tokens:
        if one.gathers and one.node not in blocks:
            return False
        if one.meets:
            block = blocks.get(one.meets)
            place = moving.verdict(way.orders, one.node)[1] or one.node
            if block is None or place not in block.arms.get(one.arm, frozenset()) | {one.meets}:
                return False
    return True


def own(cursor: CursorWrapper, way: Way, one: Carried, owner: str, now: datetime) -> bool:
    """The same for a run that the caller has claimed. True: it stays as it is and goes on now; else its lease is gone.

    Where another part of it is being carried, it waits for that part.
    """
    cursor.execute(
        "SELECT 1 FROM store_token WHERE id = %s AND owner = %s AND fence = %s", [one.token, owner, one.fence]
    )
    if cursor.fetchone() is None:
        raise Stale("This run went on elsewhere: the lease was lost.")
    taken = take(cursor, way, [one.run], now, mine=one.token)
    if taken.busy:
        cursor.execute(
            "UPDATE store_token SET owner = '', lease_until = NULL, fence = fence + 1, due_at = %s WHERE id = %s",
            [db_time(now + _BUSY), one.token],
        )
    return bool(taken.stayed)


def stay(cursor: CursorWrapper, run: str) -> None:
    """This run finishes on its version."""
    _set(cursor, [run], "stays = %s", [True])


def _set(cursor: CursorWrapper, runs: Sequence[str], what: str, values: list[Any]) -> None:
    for chunk in rows.chunks(sorted(runs)):
        marks = ", ".join(["%s"] * len(chunk))
        cursor.execute(f"UPDATE store_run SET {what} WHERE id IN ({marks})", [*values, *chunk])  # noqa: S608


def _end(runs: Sequence[str], way: Way, *, removed: bool) -> list[str]:
    if not runs:
        return []
    found = list(Run.objects.filter(id__in=runs).select_related("customer"))
    reason = "node_removed" if removed else "cancelled_by_user"
    sentence = f"v{way.target} has no such step any more" if removed else f"Let out when v{way.target} was published"
    control.end_runs(found, status="cancelled", reason=reason, sentence=sentence)
    return list(runs)
