"""Reads of events and of the outbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMinute

from flowstudio.domain.errors import NotFound
from flowstudio.store.ids import first_id_of
from flowstudio.store.models import ApiKey, Event, Flow, Hook, OutboxMail


def listed(workspace_id: str, *, name: str = "", status: str = "", customer: str = "", q: str = "") -> QuerySet[Event]:
    """Events by exact name, status, customer, and words in name or ids."""
    rows = _told(Event.objects.filter(workspace_id=workspace_id))
    if name:
        rows = rows.filter(name=name)
    if status:
        rows = rows.filter(status=status)
    if customer:
        rows = rows.filter(customer_id=customer)
    for word in q.split():
        rows = rows.filter(Q(name__icontains=word) | Q(user_id=word) | Q(anonymous_id=word) | Q(message_id=word))
    return rows


def one(workspace_id: str, event_id: str) -> Event:
    """One event of the workspace, or NotFound."""
    event = Event.objects.filter(workspace_id=workspace_id, id=event_id).first()
    if event is None:
        raise NotFound("There is no such event.")
    return event


def of_customer(workspace_id: str, customer_id: str, limit: int) -> list[Event]:
    """A customer's newest events."""
    rows = _told(Event.objects.filter(workspace_id=workspace_id, customer_id=customer_id))
    return list(rows.order_by("-id")[:limit])


def _told(rows: QuerySet[Event]) -> QuerySet[Event]:
    """Without the engine's notes to itself that a run which somebody waits for has ended."""
    return rows.exclude(type="ended")


def last_of_customer(workspace_id: str, customer_id: str, name: str) -> Event | None:
    """The newest event of this name that a customer sent."""
    rows = Event.objects.filter(workspace_id=workspace_id, customer_id=customer_id, name=name)
    return rows.order_by("-occurred_at", "-id").first()


def recent_payloads(workspace_id: str, names: Collection[str], limit: int) -> list[dict[str, Any]]:
    """The newest payloads under any of these event names."""
    rows = Event.objects.filter(workspace_id=workspace_id, name__in=names).order_by("-id")
    return list(rows.values_list("payload", flat=True)[:limit])


def names(workspace_id: str, limit: int) -> list[str]:
    """Distinct names among the newest events."""
    newest = Event.objects.filter(workspace_id=workspace_id, type="track").order_by("-id").values("id")[:limit]
    ids = [row["id"] for row in newest]
    return sorted(set(Event.objects.filter(id__in=ids).values_list("name", flat=True)))


def by_minute(workspace_id: str, since: datetime) -> dict[datetime, int]:
    """How many events arrived in each minute since then; ids sort by time, so the index finds where to begin."""
    rows = Event.objects.filter(workspace_id=workspace_id, id__gte=first_id_of(since))
    counted = rows.annotate(minute=TruncMinute("received_at")).values("minute").annotate(n=Count("id")).order_by()
    return {row["minute"]: row["n"] for row in counted}


def source_names(workspace_id: str, sources: Collection[str]) -> dict[str, str]:
    """What to call a source: the key's name, or its webhook node."""
    keys = ApiKey.objects.filter(workspace_id=workspace_id, id__in=sources).values_list("id", "name")
    hooks = Hook.objects.filter(workspace_id=workspace_id, id__in=sources).values_list("id", "node")
    return {**dict(keys), **{hook: f"Webhook {node}" for hook, node in hooks}}


def flow_names(workspace_id: str, flow_ids: Collection[str]) -> dict[str, str]:
    """Names of flows by id."""
    return dict(Flow.objects.filter(workspace_id=workspace_id, id__in=flow_ids).values_list("id", "name"))


def outbox(workspace_id: str, *, q: str = "", customer: str = "", run: str = "") -> QuerySet[OutboxMail]:
    """Mails by words in recipient or subject, customer and run."""
    rows = OutboxMail.objects.filter(workspace_id=workspace_id)
    if customer:
        rows = rows.filter(customer_id=customer)
    if run:
        rows = rows.filter(run_id=run)
    for word in q.split():
        rows = rows.filter(Q(to__icontains=word) | Q(subject__icontains=word))
    return rows


def mail(workspace_id: str, mail_id: str) -> OutboxMail:
    """One mail of the workspace, or NotFound."""
    row = OutboxMail.objects.filter(workspace_id=workspace_id, id=mail_id).first()
    if row is None:
        raise NotFound("There is no such e-mail.")
    return row
