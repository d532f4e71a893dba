"""After a restore: what may have been sent since the backup was taken, and the decision about it (G14)."""

from __future__ import annotations

from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from flowstudio.domain.errors import Conflict
from flowstudio.services import audit
from flowstudio.services.caller import Caller
from flowstudio.store.models import Doubt
from flowstudio.store.queries import restores

SHOWN = 500


def read(caller: Caller) -> dict[str, Any]:
    """Whether everything is held, since when, and what is in doubt here (the newest 500, and how many)."""
    held = restores.undecided()
    if held is None:
        return {"held": False, "taken_at": None, "restored_at": None, "complete": True, "count": 0, "doubts": []}
    rows = restores.doubts(caller.workspace_id)
    shown = list(rows[:SHOWN])
    flows, nodes, people = restores.names(caller.workspace_id, shown)
    return {
        "held": True,
        "taken_at": held.taken_at,
        "restored_at": held.restored_at,
        "complete": held.complete,
        "count": rows.count(),
        "doubts": [
            {
                "id": row.id,
                "at": row.started_at,
                "flow": row.flow_id,
                "flow_name": flows.get(row.flow_id, "A flow that is not in the backup"),
                "node": row.node,
                "node_name": nodes.get((row.flow_id, row.node), row.node),
                "customer": row.customer_id,
                "customer_name": people.get(row.customer_id, "A customer who is not in the backup"),
                "state": row.state,
            }
            for row in shown
        ],
    }


@transaction.atomic
def decide(caller: Caller, choice: Literal["done", "again"]) -> dict[str, Any]:
    """Takes what may have been sent for done, or has it sent again; once no workspace waits, the engines are let go.

    Conflict when nothing is held.
    """
    caller.need("admin")
    held = restores.undecided()
    if held is None:
        raise Conflict("Nothing is held: no restored backup waits for a decision.")
    count = Doubt.objects.filter(workspace_id=caller.workspace_id, restore__decided_at=None, choice="").update(
        choice=choice
    )
    audit.record(caller, "restore.decided", "restore", held.id, {"choice": choice, "effects": count})
    waiting = Doubt.objects.filter(restore__decided_at=None, choice="").exists()
    if not waiting:
        type(held).objects.filter(decided_at=None).update(decided_at=timezone.now())
    return read(caller)
