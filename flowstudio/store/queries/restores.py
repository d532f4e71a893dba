"""Reads about restored backups and what is in doubt since."""

from __future__ import annotations

from django.db.models import F, QuerySet

from flowstudio.store.models import Customer, Doubt, Flow, Restore, Version


def undecided() -> Restore | None:
    """The newest restore that waits for a decision."""
    return Restore.objects.filter(decided_at=None).order_by("-id").first()


def doubts(workspace_id: str) -> QuerySet[Doubt]:
    """What waits for a decision in a workspace, newest first."""
    return Doubt.objects.filter(workspace_id=workspace_id, restore__decided_at=None, choice="").order_by("-started_at")


def names(workspace_id: str, rows: list[Doubt]) -> tuple[dict[str, str], dict[tuple[str, str], str], dict[str, str]]:
    """The names of these doubts' flows, of their nodes by (flow, node), and of their customers; missing: not there."""
    flows = dict(
        Flow.objects.filter(workspace_id=workspace_id, id__in={d.flow_id for d in rows}).values_list("id", "name")
    )
    nodes: dict[tuple[str, str], str] = {}
    current = Version.objects.filter(flow_id__in=flows, number=F("flow__version"))
    for flow, graph in current.values_list("flow_id", "graph"):
        nodes |= {(flow, n["id"]): n.get("name") or n["id"] for n in graph.get("nodes", ())}
    people = Customer.objects.filter(workspace_id=workspace_id, id__in={d.customer_id for d in rows})
    return flows, nodes, {p.id: p.name or p.email or p.external_id for p in people}
