"""Customers sent into a flow by hand, and flows that start other flows: what may be started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from flowstudio.domain.errors import Conflict, InputError, NotFound
from flowstudio.domain.graph import Graph
from flowstudio.engine import clock, subflows
from flowstudio.engine.subflows import Note
from flowstudio.services import announce, audit
from flowstudio.services.caller import Caller
from flowstudio.store.ids import new_id
from flowstudio.store.models import Customer, Flow, TriggerIndex
from flowstudio.store.queries import customers as customer_queries
from flowstudio.store.queries import flows as queries

_MANUAL = "trigger.manual"
_CLOSED = {
    "draft": "is not published",
    "closed": "takes nobody new: its entry is closed",
    "draining": "takes nobody new: it is draining",
    "paused": "is paused",
    "stopped": "is stopped",
    "archived": "is archived",
}


@transaction.atomic
def enter(caller: Caller, flow_id: str, *, customer: str, properties: Mapping[str, Any]) -> str:
    """Asks for a run of this flow for one customer, named by their id or by yours; gives the event's id.

    Whether they may enter is judged like any other entry; the event says what came of it.
    """
    flow = queries.one(caller.workspace_id, flow_id)
    if flow.state != "live":
        raise Conflict(f"{flow.name} {_CLOSED.get(flow.state, 'is not live')}.", theirs={"state": flow.state})
    if not TriggerIndex.objects.filter(flow=flow, event=subflows.entrance(flow.id)).exists():
        raise Conflict(f"{flow.name} does not begin with “By hand or by a flow”.", theirs={"state": flow.state})
    who = _customer(caller.workspace_id, customer)
    note = Note(
        workspace=caller.workspace_id, customer=who.id, type=subflows.START, name=subflows.entrance(flow.id),
        message_id=new_id(), source=subflows.BY_HAND, properties=properties, context={"by": caller.actor},
    )  # fmt: skip
    with connection.cursor() as cursor:
        (event,) = subflows.put(cursor, [note], clock.now())
    audit.record(caller, "flow.entered", "flow", flow.id, {"customer": who.id, "event": event})
    announce.ring("engine")
    return event


def _customer(workspace_id: str, name: str) -> Customer:
    try:
        return customer_queries.one(workspace_id, name)
    except NotFound:
        found = Customer.objects.filter(workspace_id=workspace_id, external_id=name).first() if name else None
        if found is None:
            raise InputError(
                "There is no such customer.", field="customer", fix="Give their id, or your own."
            ) from None
        return found


def issues_of(workspace_id: str, graph: Graph, flow_id: str) -> list[dict[str, Any]]:
    """What is wrong with the flows that a graph starts: itself, one that is not there, or one that cannot be started."""
    named = [(node, str(node.config["flow"])) for node in graph.nodes
             if node.type == "flow.start" and node.config.get("flow")]  # fmt: skip
    if not named:
        return []
    ids = {target for _, target in named}
    present = {flow.id: flow for flow in Flow.objects.filter(workspace_id=workspace_id, id__in=ids)}
    ready = set(
        TriggerIndex.objects.filter(
            workspace_id=workspace_id, event__in=[subflows.entrance(target) for target in ids]
        ).values_list("flow_id", flat=True)
    )
    issues = []
    for node, target in named:
        flow = present.get(target)
        if target == flow_id:
            said = ("flow_starts_itself", "error", "starts its own flow.", "Choose another flow; use Repeat to repeat.")
        elif flow is None:
            said = ("flow_unknown", "error", "starts a flow that is not there.", "Choose one of the workspace's flows.")
        elif target not in ready:
            said = (
                "flow_not_startable", "warning",
                f"starts “{flow.name}”, whose published version does not begin with “By hand or by a flow”.",
                "Give it that trigger and publish it first.",
            )  # fmt: skip
        else:
            continue
        code, severity, message, fix = said
        issues.append(
            {
                "code": code, "severity": severity, "message": f"“{node.name or node.id}” {message}", "node": node.id,
                "edge": "", "field": "flow", "fix": fix,
            }
        )  # fmt: skip
    return issues
