"""Events in: what concurrent requests delivered is written in one commit, each message id once (11.1, G1, G3).

`flush` is what a `GroupWriter` calls; the door answers 200 only when its future is done, which is after the COMMIT.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import failpoints, feed, rows
from flowstudio.engine.writer import GroupWriter
from flowstudio.store.models import Event
from flowstudio.store.sql import db_time

_LINES = 20
_COLUMNS = (
    "id", "workspace_id", "source", "message_id", "type", "name", "user_id", "anonymous_id", "customer_id", "payload",
    "digest", "occurred_at", "received_at", "clamped", "status", "outcome", "problem", "conflict",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """One message, judged and ready to be stored. `payload` is JSON text; `status` is `pending` or `rejected`.

    `customer_id` is given where it is known already: by what the product sends itself."""

    id: str
    workspace_id: str
    source: str
    message_id: str
    type: str
    name: str
    user_id: str
    anonymous_id: str
    payload: str
    digest: str
    occurred_at: datetime
    received_at: datetime
    clamped: bool = False
    status: str = "pending"
    problem: str = ""
    customer_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What became of one request: new events, repeats that changed nothing, repeats with another body.

    `ids` maps message id to event id for the messages that were new.
    """

    new: int
    repeats: int
    conflicts: int
    ids: Mapping[str, str]


type Delivery = Sequence[Incoming]


def flush(cursor: CursorWrapper, deliveries: Sequence[Delivery]) -> list[Stored]:
    """Writes the messages of many requests; each request whole or not at all, since all share the transaction."""
    messages = [message for delivery in deliveries for message in delivery]
    new = rows.insert(cursor, "store_event", _COLUMNS, [_row(m) for m in messages], skip_conflicts=True, returning="id")
    failpoints.hit("ingest.inserted")
    repeats = [message for message in messages if message.id not in new]
    first = _first_digests(repeats) if repeats else {}
    conflicts: Counter[str] = Counter()
    for message in repeats:
        known = first.get((message.workspace_id, message.source, message.message_id))
        if known is not None and known[1] != message.digest:
            conflicts[known[0]] += 1
    if conflicts:
        rows.update(
            cursor,
            "store_event",
            ["=n"],
            list(conflicts.items()),
            types=["text", "int"],
            extra="conflict = conflict + v.n",
        )
    _tell(cursor, [message for message in messages if message.id in new])
    return [_answer(delivery, new, first) for delivery in deliveries]


def _row(message: Incoming) -> tuple[Any, ...]:
    return (
        message.id, message.workspace_id, message.source, message.message_id, message.type, message.name,
        message.user_id, message.anonymous_id, message.customer_id, message.payload, message.digest, db_time(message.occurred_at),
        db_time(message.received_at), message.clamped, message.status, "[]", message.problem, 0,
    )  # fmt: skip


def _first_digests(repeats: Sequence[Incoming]) -> dict[tuple[str, str, str], tuple[str, str]]:
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    for chunk in rows.chunks(repeats):
        query = Event.objects.filter(
            workspace_id__in={m.workspace_id for m in chunk},
            source__in={m.source for m in chunk},
            message_id__in={m.message_id for m in chunk},
        )
        for workspace, source, message_id, event_id, digest in query.values_list(
            "workspace_id", "source", "message_id", "id", "digest"
        ):
            found[workspace, source, message_id] = (event_id, digest)
    return found


def _tell(cursor: CursorWrapper, new: Sequence[Incoming]) -> None:
    by_workspace: dict[str, list[Incoming]] = {}
    for message in new:
        by_workspace.setdefault(message.workspace_id, []).append(message)
    facts = [
        feed.Fact(
            workspace_id=workspace,
            kind="event",
            flow_id="",
            facts={"events": len(messages), "lines": [_line(message) for message in messages[-_LINES:]]},
        )
        for workspace, messages in by_workspace.items()
    ]
    feed.append_all(cursor, facts)


def _line(message: Incoming) -> dict[str, str]:
    return {
        "id": message.id,
        "name": message.name,
        "customer": message.user_id or message.anonymous_id,
        "at": message.received_at.isoformat(),
        "status": message.status,
    }


def _answer(delivery: Delivery, new: set[str], first: Mapping[tuple[str, str, str], tuple[str, str]]) -> Stored:
    ids: dict[str, str] = {}
    fresh = conflicts = 0
    for message in delivery:
        known = first.get((message.workspace_id, message.source, message.message_id))
        if message.id in new:
            fresh += 1
            ids[message.message_id] = message.id
        elif known is not None:
            conflicts += known[1] != message.digest
            ids.setdefault(message.message_id, known[0])
    return Stored(new=fresh, repeats=len(delivery) - fresh, conflicts=conflicts, ids=ids)


def writer(*, gap_s: float = 0.0) -> GroupWriter[Delivery, Stored]:
    """The group writer of a door; gives up after 3 s without a database, so that a client hears 503 in good time."""
    return GroupWriter(flush, max_items=200, gap_s=gap_s, patience_s=3.0, name="ingest")
