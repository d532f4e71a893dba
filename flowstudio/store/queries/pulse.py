"""Reads about the whole: what moves, what waits, whether an engine is alive and how far behind it is."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Count, Max, Min

from flowstudio.store.models import Engine, Event, Run, Token


def tokens_by_state(workspace_id: str = "") -> dict[str, int]:
    """How many customers are in each state, in one workspace or in all."""
    # A token that waits for the arms of a block stands for nobody: the customer is in the arms.
    rows = Token.objects.filter(block__isnull=True)
    if workspace_id:
        rows = rows.filter(flow__workspace_id=workspace_id)
    return dict(rows.values_list("state").annotate(n=Count("run_id", distinct=True)).order_by())


def runs_by_status() -> dict[str, int]:
    """How many runs have each status, over all workspaces."""
    return dict(Run.objects.values_list("status").annotate(n=Count("id")).order_by())


def failed_since(workspace_id: str, since: datetime) -> int:
    """Runs of a workspace that failed since then."""
    return Run.objects.filter(flow__workspace_id=workspace_id, status="failed", ended_at__gte=since).count()


def database_answers() -> bool:
    """True when the database answers; raises what it raises otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def last_beat() -> datetime | None:
    """The newest heartbeat of an engine that has not stopped."""
    beat: datetime | None = Engine.objects.filter(stopped_at=None).aggregate(at=Max("beat_at"))["at"]
    return beat


def oldest_due() -> datetime | None:
    """Since when the oldest due token waits to be taken up."""
    due: datetime | None = Token.objects.filter(owner="", due_at__isnull=False).aggregate(at=Min("due_at"))["at"]
    return due


def oldest_pending() -> datetime | None:
    """When the oldest event that is not matched yet arrived."""
    return Event.objects.filter(status="pending").order_by("id").values_list("received_at", flat=True).first()


def pending_events() -> int:
    """How many events wait to be matched."""
    return Event.objects.filter(status="pending").count()
