"""Segments, who is in them, schedules, and crowds that are brought into a flow piece by piece."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from flowstudio.store.models.base import ID_LENGTH, Row
from flowstudio.store.models.customer import Customer
from flowstudio.store.models.flow import Flow
from flowstudio.store.models.workspace import Workspace


class Segment(Row):
    """A group of customers by rules over traits and events (`flowstudio.domain.segment`).

    `judged` is the last customer whom the engine has judged since the rule was written, `ready` when it has judged all:
    until then nobody's coming in or leaving is told.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    name = models.CharField(max_length=120)
    rule = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    judged = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    ready = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "name"], name="segment_name_once")]
        indexes: ClassVar = [models.Index(fields=["id"], name="segment_unready", condition=Q(ready=False))]


class Member(models.Model):
    """Whether a customer is in a segment, and when time alone may change that (`look_at`)."""

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    inside = models.BooleanField()
    since = models.DateTimeField()
    look_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["segment", "customer"], name="member_once")]
        indexes: ClassVar = [
            models.Index(fields=["segment", "inside", "customer"], name="members_in_order"),
            models.Index(fields=["look_at"], name="member_due", condition=Q(look_at__isnull=False)),
        ]


class Schedule(models.Model):
    """When a published flow's schedule comes next; whoever moves `next_at` on has fired it (once over all engines)."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.OneToOneField(Flow, on_delete=models.CASCADE, related_name="schedule")
    node = models.CharField(max_length=64)
    cron = models.CharField(max_length=100)
    timezone = models.CharField(max_length=64)
    segment_id = models.CharField(max_length=ID_LENGTH, blank=True)
    next_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["next_at"], name="schedule_due")]


class Crowd(Row):
    """Customers to be brought into a flow: everybody, or who is in a segment. `after` is the last one who was; `key` is
    why, once (an occurrence of the schedule, a version that was published)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE)
    key = models.CharField(max_length=64)
    segment_id = models.CharField(max_length=ID_LENGTH, blank=True)
    after = models.CharField(max_length=ID_LENGTH, blank=True)
    count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["flow", "key"], name="crowd_once")]
        indexes: ClassVar = [models.Index(fields=["id"], name="crowd_open", condition=Q(finished_at=None))]
