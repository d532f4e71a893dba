"""What arrived at the door."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from flowstudio.store.models.base import ID_LENGTH, Row
from flowstudio.store.models.workspace import Workspace

EVENT_STATUSES = ("pending", "done", "too_late", "rejected")


class Event(Row):
    """One message, as it came. `source` is the ingest key's or hook's id; `name` is the track event's name, else the
    type ("identify"), else `hook:<hook id>`.

    `outcome` says what it did ([{"flow", "run"}] or [{"flow", "refused": sentence}] or [{"woke": run}]) once `done`;
    `rejected` rows say why in `problem`. `conflict` counts repeats of the id with another body (SEMANTICS 11.1).
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    source = models.CharField(max_length=ID_LENGTH)
    message_id = models.CharField(max_length=100)
    type = models.CharField(max_length=16)
    name = models.CharField(max_length=255)
    user_id = models.CharField(max_length=255, blank=True)
    anonymous_id = models.CharField(max_length=255, blank=True)
    customer_id = models.CharField(max_length=ID_LENGTH, blank=True)
    payload = models.JSONField()
    digest = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    clamped = models.BooleanField(default=False)
    status = models.CharField(max_length=10, default="pending", choices=[(s, s) for s in EVENT_STATUSES])
    outcome = models.JSONField(default=list)
    problem = models.TextField(blank=True)
    conflict = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "source", "message_id"], name="event_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="event_pending", condition=Q(status="pending")),
            models.Index(fields=["workspace", "id"], name="event_pending_fair", condition=Q(status="pending")),
            models.Index(fields=["workspace", "-id"], name="event_newest"),
            models.Index(fields=["customer_id", "name", "occurred_at"], name="event_by_customer"),
        ]
