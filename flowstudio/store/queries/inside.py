"""Reads of who is inside a flow, node by node: for publishing and for resuming (SEMANTICS 8.2, 13.2)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Min, Q

from flowstudio.store.models import Batch, Run, Step, Token


def versions(flow_id: str, number: int) -> list[int]:
    """This version, and those whose customers are on their way to it just now."""
    sources = Batch.objects.filter(flow_id=flow_id, kind="move", finished_at=None)
    return [number, *sources.values_list("source", flat=True)]


def by_node(flow_id: str, numbers: Collection[int]) -> dict[str, tuple[int, int]]:
    """Customers of these versions by where they stand: (all, those who wait)."""
    rows = (
        Token.objects.filter(flow_id=flow_id, run__number__in=numbers, run__status="active", run__stays=False)
        .values("node")
        .annotate(count=Count("run_id", distinct=True), waiting=Count("run_id", distinct=True, filter=_WAITS))
    )
    return {row["node"]: (row["count"], row["waiting"]) for row in rows}


_WAITS = Q(state="waiting", wake__isnull=True)


def of_versions(flow_id: str, numbers: Collection[int]) -> int:
    """How many customers travel by these versions; those who finish on theirs are not counted."""
    return Run.objects.filter(flow_id=flow_id, number__in=numbers, status="active", stays=False).count()


def staying(flow_id: str, numbers: Collection[int]) -> int:
    """How many customers finish on other versions."""
    mine = Q(number__in=numbers, stays=False)
    return Run.objects.filter(flow_id=flow_id, status="active").exclude(mine).count()


def arrivals(flow_id: str, numbers: Collection[int], node: str, limit: int) -> list[datetime]:
    """When those who wait at a node arrived there, the first `limit` of them."""
    tokens = Token.objects.filter(_WAITS, flow_id=flow_id, node=node, run__number__in=numbers, run__stays=False)
    steps = Step.objects.filter(id__in=tokens.values("step_id")[:limit])
    return list(steps.values_list("entered_at", flat=True))


def overdue(flow_id: str, now: datetime, older: datetime) -> list[tuple[str, int, int, datetime]]:
    """(node, customers whose time came, those whose time came before `older`, the earliest such time)."""
    rows = (
        Token.objects.filter(flow_id=flow_id, due_at__lt=now)
        .values("node")
        .annotate(
            count=Count("run_id", distinct=True),
            late=Count("run_id", distinct=True, filter=Q(due_at__lt=older)),
            first=Min("due_at"),
        )
        .order_by("-count", "node")
    )
    return [(row["node"], row["count"], row["late"], row["first"]) for row in rows]


def tokens_due(flow_id: str, now: datetime | None) -> int:
    """How many places have a time that came (with None: any time at all)."""
    rows = Token.objects.filter(flow_id=flow_id, due_at__isnull=False)
    return (rows.filter(due_at__lt=now) if now else rows).count()


def open_batches(flow_ids: Collection[str]) -> dict[str, Batch]:
    """What each flow's customers are going through just now, the oldest batch first."""
    found: dict[str, Batch] = {}
    for batch in Batch.objects.filter(flow_id__in=flow_ids, finished_at=None).order_by("id"):
        found.setdefault(batch.flow_id, batch)
    return found
