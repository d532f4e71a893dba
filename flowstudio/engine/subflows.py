"""Runs that begin because another flow, or a person, says so; and telling whoever waits for one that it has ended.

Both are events of the engine's own (`start`, `ended`), written in the commit that causes them and matched like any other:
each is there once, survives a crash, and its entry is judged in the order of SEMANTICS 1.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import outputs, rows
from flowstudio.engine.moves import Move
from flowstudio.store.ids import new_id
from flowstudio.store.models import Run
from flowstudio.store.sql import db_json, db_time

START, ENDED = "start", "ended"
# Whose events these are: they come through no key and no hook.
BY_FLOW, BY_HAND = "flow", "by hand"
_COLUMNS = (
    "id", "workspace_id", "source", "message_id", "type", "name", "user_id", "anonymous_id", "customer_id", "payload",
    "digest", "occurred_at", "received_at", "clamped", "status", "outcome", "problem", "conflict",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """One event of the engine's own."""

    workspace: str
    customer: str
    type: str
    name: str
    message_id: str
    source: str
    properties: Mapping[str, Any]
    context: Mapping[str, Any]


def entrance(flow: str) -> str:
    """The event name under which a flow's “By hand or by a flow” is found."""
    return f"start:{flow}"


def begin(cursor: CursorWrapper, moves: Sequence[Move], now: datetime) -> None:
    """Asks for the runs that these moves start; each step asks once, however often its commit is tried."""
    put(
        cursor,
        [
            Note(
                workspace=move.carried.workspace, customer=move.carried.customer, type=START,
                name=entrance(start.flow), message_id=step, source=BY_FLOW,
                properties=outputs.kept(dict(start.properties))[0] or {},
                context={"started_by": {
                    "flow": move.carried.flow, "run": move.carried.run, "node": node, "told": start.told,
                    "depth": start.depth,
                }},
            )
            for move in moves
            for step, node, start in move.starts
        ],
        now,
    )  # fmt: skip


def over(cursor: CursorWrapper, runs: Sequence[Run], status: str, reason: str, now: datetime) -> None:
    """Tells those who wait that these runs have ended."""
    notes = [ended(run.workspace_id, run.customer_id, run.subject, run.id, status, reason) for run in runs]
    put(cursor, [note for note in notes if note is not None], now)


def moved_over(cursor: CursorWrapper, moves: Sequence[Move], now: datetime) -> None:
    """The same for runs that end in the engine's commit."""
    notes = [
        ended(c.workspace, c.customer, c.event, c.run, move.ending.status, move.ending.reason)
        for move in moves
        if move.ending is not None and (c := move.carried)
    ]
    put(cursor, [note for note in notes if note is not None], now)


def told(subject: Mapping[str, Any]) -> str:
    """The name under which the end of a run with this trigger event is announced, '' when nobody waits for it."""
    context = subject.get("context")
    by = context.get("started_by") if isinstance(context, Mapping) else None
    name = by.get("told") if isinstance(by, Mapping) and subject.get("type") == START else ""
    return name[:255] if isinstance(name, str) else ""


def ended(workspace: str, customer: str, subject: Mapping[str, Any], run: str, status: str, reason: str) -> Note | None:
    """The note about a run's end, or about one that never began; None when nobody waits for it."""
    name = told(subject)
    if not name:
        return None
    return Note(
        workspace=workspace, customer=customer, type=ENDED, name=name, message_id=f"{name}:{run}"[-100:],
        source=BY_FLOW, properties={"run": run, "status": status, "reason": reason}, context={},
    )  # fmt: skip


def put(cursor: CursorWrapper, notes: Sequence[Note], now: datetime) -> list[str]:
    """Writes them to be matched; gives the ids of their events."""
    made = [new_id() for _ in notes]
    if notes:
        rows.insert(
            cursor,
            "store_event",
            _COLUMNS,
            [
                (
                    event, n.workspace, n.source, n.message_id, n.type, n.name, "", "", n.customer,
                    db_json({"type": n.type, "properties": n.properties, "context": n.context}), "", db_time(now),
                    db_time(now), False, "pending", "[]", "", 0,
                )
                for event, n in zip(made, notes, strict=True)
            ],
            skip_conflicts=True,
        )  # fmt: skip
    return made
