"""Resuming a paused flow: who is overdue, and what becomes of them (SEMANTICS 13.2). A pause never ends in a burst."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flowstudio.domain import schedule
from flowstudio.domain.errors import Conflict, InputError
from flowstudio.domain.moving import first_message
from flowstudio.engine import batches, clock, programs
from flowstudio.services import graphs
from flowstudio.services.caller import Caller
from flowstudio.store.models import Batch, Flow
from flowstudio.store.queries import flows as queries
from flowstudio.store.queries import inside as reads

CHOICES = ("run_now", "skip", "shift", "exit")
OLDER_THAN = "24h"
# So that nobody gets everything at once: a customer each six seconds, within an hour.
_PACE_S = 6
_LONGEST_S = 3_600


def overdue(caller: Caller, flow_id: str, *, older_than: str = "") -> dict[str, Any]:
    """How many customers' time came while the flow was paused, where they stand, and whom a message would reach."""
    flow = queries.one(caller.workspace_id, flow_id)
    now = clock.now()
    older = _duration(older_than or OLDER_THAN, "older_than")
    paused = flow.state == "paused"
    found = reads.overdue(flow.id, now, now - older) if paused else []
    graph = graphs.parse(queries.version(flow.id, flow.version).graph) if flow.version else None
    names = {node.id: node.name or node.id for node in graph.nodes} if graph else {}
    total = sum(count for _, count, _, _ in found)
    messages = 0
    nodes = []
    for node, count, late, first in found:
        reaches = first_message(graph, programs.catalogue(), node) if graph else ""
        messages += count if reaches else 0
        nodes.append(
            {"node": node, "name": names.get(node, node), "count": count, "late": late, "first": first,
             "reaches": reaches}
        )  # fmt: skip
    return {
        "paused_at": flow.paused_at,
        "paused_s": (now - flow.paused_at).total_seconds() if flow.paused_at else 0,
        "inside": queries.active_runs(flow.id),
        "overdue": total,
        "late": sum(late for _, _, late, _ in found),
        "older_than_s": older.total_seconds(),
        "spread_s": default_spread(total).total_seconds(),
        "messages": messages,
        "timers": reads.tokens_due(flow.id, None) if paused else 0,
        "nodes": nodes[:50],
        "at": now,
    }


def default_spread(count: int) -> timedelta:
    """Over how long that many customers are let go on, where nobody says."""
    return timedelta(seconds=min(_LONGEST_S, _PACE_S * max(0, count - 1)))


def begin(
    caller: Caller, flow: Flow, to: str, *, choice: str = "run_now", older_than: str = "", spread: str = ""
) -> bool:
    """Lets a paused flow go on as `to`, its overdue customers as chosen; True when everybody has been decided for.

    Where there are many the engine goes on with it, and the flow opens when it has seen the last.
    """
    if choice not in CHOICES:
        raise InputError(f"overdue is one of {', '.join(CHOICES)}.", field="overdue")
    if Batch.objects.filter(flow=flow, kind="resume", finished_at=None).exists():
        raise Conflict(f"{flow.name} is being resumed already.", theirs={"state": flow.state})
    now = clock.now()
    total = reads.tokens_due(flow.id, None if choice == "shift" else now)
    pace = _duration(spread, "spread") if spread else default_spread(total)
    orders = {
        "overdue": choice,
        "older_than_s": int(_duration(older_than or OLDER_THAN, "older_than").total_seconds()),
        "spread_s": int(pace.total_seconds()),
        "paused_at": (flow.paused_at or now).isoformat(),
        "resumed_at": now.isoformat(),
        "to": to,
    }
    batch = Batch.objects.create(
        workspace_id=flow.workspace_id, flow=flow, kind="resume", orders=orders, by=caller.actor, total=total,
        started_at=now, look_at=now,
    )  # fmt: skip
    return batches.begin(batch, now)


def call_off(flow: Flow) -> None:
    """Somebody decided otherwise about the flow: what is not done of its resuming stays undone."""
    Batch.objects.filter(flow=flow, kind="resume", finished_at=None).update(finished_at=clock.now())


def _duration(text: str, field: str) -> timedelta:
    try:
        return schedule.parse_duration(text)
    except InputError as error:
        raise InputError(error.message, field=field, fix=error.fix) from None
