"""Reads of the feed, and of what live snapshots begin with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q, QuerySet, Sum

from flowstudio.store.models import Attempt, Counter, Feed, Flow, Step

_PAGE = 50


class Row(NamedTuple):
    """One row of the feed."""

    id: int
    workspace_id: str
    kind: str
    flow_id: str
    facts: Mapping[str, Any]


def last_id(workspace_id: str) -> int:
    """The cursor of a workspace: the id of its newest row, 0 before the first."""
    return Feed.objects.filter(workspace_id=workspace_id).order_by("-id").values_list("id", flat=True).first() or 0


def since(after: Mapping[str, int], limit: int) -> list[Row]:
    """Up to `limit` rows that follow each workspace's cursor, by id: one query for all workspaces."""
    if not after:
        return []
    wanted = reduce(or_, (Q(workspace_id=workspace, id__gt=cursor) for workspace, cursor in after.items()))
    rows = Feed.objects.filter(wanted).order_by("id")
    return [Row(*row) for row in rows.values_list("id", "workspace_id", "kind", "flow_id", "facts")[:limit]]


def engine_facts(workspace_id: str, flow_id: str, *, window: int, limit: int) -> Iterator[Mapping[str, Any]]:
    """Up to `limit` engine facts of a flow, newest first, looked for among the last `window` ids of the feed only.

    They come page by page: who has enough reads no more.
    """
    first = last_id(workspace_id) - window
    rows = Feed.objects.filter(workspace_id=workspace_id, id__gt=first, flow_id=flow_id, kind="engine").order_by("-id")
    before: int | None = None
    for _ in range(0, limit, _PAGE):
        page = list((rows if before is None else rows.filter(id__lt=before)).values_list("id", "facts")[:_PAGE])
        yield from (facts for _, facts in page)
        if len(page) < _PAGE:
            return
        before = page[-1][0]


def totals(flow_id: str) -> dict[str, dict[str, int]]:
    """Every counter of a flow over all versions, by subject and metric; numbers that are 0 are left out."""
    rows = Counter.objects.filter(flow_id=flow_id, bucket=0).order_by().values_list("subject", "metric")
    made: dict[str, dict[str, int]] = {}
    for subject, metric, value in rows.annotate(total=Sum("value")):
        if value:
            made.setdefault(subject, {})[metric] = value
    return made


def run_totals(workspace_id: str) -> dict[str, dict[str, int]]:
    """The `run` counters of each flow of a workspace over all versions."""
    flows = Flow.objects.filter(workspace_id=workspace_id).values("id")
    rows = Counter.objects.filter(flow_id__in=flows, bucket=0, subject="run").order_by()
    made: dict[str, dict[str, int]] = {}
    for flow, metric, value in rows.values_list("flow_id", "metric").annotate(total=Sum("value")):
        if value:
            made.setdefault(flow, {})[metric] = value
    return made


def heads(workspace_id: str) -> dict[str, dict[str, Any]]:
    """Name, state, version and draft revision of each flow that is not put away."""
    rows = Flow.objects.filter(workspace_id=workspace_id).exclude(state="archived")
    return {
        flow: {"name": name, "state": state, "version": version, "draft_revision": revision or 0}
        for flow, name, state, version, revision in rows.values_list(
            "id", "name", "state", "version", "draft__revision"
        )
    }


def steps(workspace_id: str, step_ids: Collection[str]) -> QuerySet[Step]:
    """These steps of a workspace with their attempts: two queries."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("number"))
    return Step.objects.filter(workspace_id=workspace_id, id__in=step_ids).prefetch_related(attempts)
