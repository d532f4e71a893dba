"""Events that flows send (`event.emit`): stored with the step that sent them, matched like any other.

The message id is the step's effect key, so that one arrival sends one event whatever happens (SEMANTICS 10.1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.backends.utils import CursorWrapper

from flowstudio.domain.decision import Emitted
from flowstudio.engine import bell, ingest, outputs
from flowstudio.engine.carried import effect_key
from flowstudio.engine.ingest import Incoming
from flowstudio.engine.moves import Move
from flowstudio.store.ids import new_id

SOURCE = "flow"


def save(cursor: CursorWrapper, moves: Sequence[Move], now: datetime) -> None:
    """Writes what these moves send, in their transaction."""
    sent = [_event(move, node, visit, one, now) for move in moves for node, visit, one in move.emits]
    if not sent:
        return
    ingest.flush(cursor, [sent])
    transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Wakes the engines: there is something to match."""
    bell.ring("engine")


def _event(move: Move, node: str, visit: int, one: Emitted, now: datetime) -> Incoming:
    carried = move.carried
    by = {"id": carried.flow, "run": carried.run, "node": node, "depth": one.depth}
    properties = outputs.kept(dict(one.properties))[0] or {}
    payload = json.dumps({"type": "track", "event": one.event, "properties": properties, "context": {"flow": by}})
    return Incoming(
        id=new_id(), workspace_id=carried.workspace, source=SOURCE,
        message_id=effect_key(carried.first or carried.run, node, visit), type="track", name=one.event,
        user_id=carried.external_id, anonymous_id="", customer_id=carried.customer, payload=payload,
        digest=hashlib.sha256(payload.encode()).hexdigest()[:32], occurred_at=now, received_at=now,
    )  # fmt: skip
