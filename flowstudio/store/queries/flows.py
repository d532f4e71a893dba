"""Reads of flows, drafts and versions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from flowstudio.domain.errors import NotFound
from flowstudio.store.models import Counter, Draft, Flow, Hook, Run, Version

_PUBLISHED = Version.objects.filter(flow=OuterRef("pk"), number=OuterRef("version")).values("draft_revision")[:1]


def of_workspace(workspace_id: str) -> QuerySet[Flow]:
    """A workspace's flows with owner and draft (without its graph) and the revision that was published."""
    return (
        Flow.objects.filter(workspace_id=workspace_id)
        .select_related("owner", "draft")
        .defer("draft__graph")
        .annotate(published_revision=Subquery(_PUBLISHED))
    )


def listed(workspace_id: str, *, q: str = "", state: str = "") -> QuerySet[Flow]:
    """Flows by name or tag and state; archived ones only when asked for."""
    rows = of_workspace(workspace_id)
    rows = rows.filter(state=state) if state else rows.exclude(state="archived")
    for word in q.split():
        rows = rows.filter(Q(name__icontains=word) | Q(tags__icontains=word))
    return rows


def one(workspace_id: str, flow_id: str) -> Flow:
    """One flow of the workspace, or NotFound."""
    flow = of_workspace(workspace_id).filter(id=flow_id).first()
    if flow is None:
        raise NotFound("There is no such flow.")
    return flow


def locked(workspace_id: str, flow_id: str) -> Flow:
    """One flow with its draft, locked until the transaction ends: publishing and state changes queue behind it.

    Not its key: an engine's commit checks that the flow is there (foreign keys) while it holds the feed, and would wait
    for us while we wait for the feed.
    """
    flow = (
        Flow.objects.select_for_update(of=("self",), no_key=True)
        .select_related("draft")
        .filter(workspace_id=workspace_id, id=flow_id)
        .first()
    )
    if flow is None:
        raise NotFound("There is no such flow.")
    return flow


def draft(workspace_id: str, flow_id: str) -> Draft:
    """A flow's draft with its graph, or NotFound."""
    row = (
        Draft.objects.select_related("flow", "saved_by")
        .filter(flow__workspace_id=workspace_id, flow_id=flow_id)
        .first()
    )
    if row is None:
        raise NotFound("There is no such flow.")
    return row


def draft_graphs(flow_ids: Collection[str]) -> dict[str, Any]:
    """The draft graph of each flow."""
    return dict(Draft.objects.filter(flow_id__in=flow_ids).values_list("flow_id", "graph")) if flow_ids else {}


def versions(flow_id: str) -> QuerySet[Version]:
    """A flow's versions without their graphs."""
    return Version.objects.filter(flow_id=flow_id).select_related("published_by").defer("graph")


def version(flow_id: str, number: int) -> Version:
    """One version with its graph, or NotFound."""
    row = Version.objects.filter(flow_id=flow_id, number=number).select_related("published_by").first()
    if row is None:
        raise NotFound("There is no such version.")
    return row


def number_before(flow_id: str, number: int) -> int | None:
    """The version before this one, None for the first."""
    earlier = Version.objects.filter(flow_id=flow_id, number__lt=number).order_by("-number")
    return earlier.values_list("number", flat=True).first()


def last_number(flow_id: str) -> int:
    """The highest version number of a flow, 0 before the first."""
    number = Version.objects.filter(flow_id=flow_id).order_by("-number").values_list("number", flat=True).first()
    return number or 0


def hooks(flow_id: str) -> QuerySet[Hook]:
    """A flow's webhook addresses, by node."""
    return Hook.objects.filter(flow_id=flow_id).order_by("node")


def run_counters(flow_ids: Collection[str], since_hour: int) -> Iterable[tuple[str, int, str, int]]:
    """(flow, bucket, metric, value) of the `run` counters: totals and the hours since `since_hour`."""
    rows = Counter.objects.filter(flow_id__in=flow_ids, subject="run").filter(Q(bucket=0) | Q(bucket__gte=since_hour))
    return rows.values_list("flow_id", "bucket", "metric", "value")


def node_counters(flow_ids: Collection[str], since_hour: int) -> Iterable[tuple[str, int, str, str, int]]:
    """(flow, bucket, subject, metric, value) of nodes that failed lately or hold customers now."""
    rows = Counter.objects.filter(flow_id__in=flow_ids, subject__startswith="node:").filter(
        Q(bucket=0, metric__in=("held", "inside")) | Q(bucket__gte=since_hour, metric="failed")
    )
    return rows.exclude(value=0).values_list("flow_id", "bucket", "subject", "metric", "value")


def counters(flow_id: str, *, bucket: int = 0) -> Iterable[tuple[str, str, int]]:
    """(subject, metric, value) of everything counted for a flow in one bucket, over all versions."""
    return Counter.objects.filter(flow_id=flow_id, bucket=bucket).values_list("subject", "metric", "value")


def has_runs(flow_id: str) -> bool:
    """Whether any run ever began."""
    return Run.objects.filter(flow_id=flow_id).exists()


def active_runs(flow_id: str) -> int:
    """How many customers are inside now."""
    return Run.objects.filter(flow_id=flow_id, status__in=("active", "paused")).count()


def any_published(workspace_id: str) -> bool:
    """Whether a flow of the workspace takes customers now."""
    return Flow.objects.filter(Exists(Flow.objects.filter(workspace_id=workspace_id, state="live"))).exists()
