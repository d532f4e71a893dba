"""What viewers are told: counters and the feed, written in the engine's own transactions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from flowstudio.store.models.base import ID_LENGTH, Row
from flowstudio.store.models.flow import Flow
from flowstudio.store.models.workspace import Workspace


class Counter(models.Model):
    """A number that only ever has something added to it.

    `subject` is `node:<id>`, `edge:<id>` or `run`; `metric` is `entered`, `inside`, `done`, `failed`, `held`, `count`,
    a run status, `refused`, or `d<k>` (histogram of durations, see `flowstudio.domain.histogram`). `bucket` is 0 for the
    total and the unix hour (seconds // 3600) otherwise.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE)
    version = models.PositiveIntegerField()
    bucket = models.PositiveIntegerField()
    subject = models.CharField(max_length=72)
    metric = models.CharField(max_length=24)
    value = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flow", "bucket", "version", "subject", "metric"], name="counter_once")
        ]


class Feed(models.Model):
    """One committed fact for viewers; `id` is the cursor, rising in the order of commits within a workspace.

    `kind` is `engine` (facts of a group commit for one flow), `flow` (a flow's state or version changed), `draft`,
    `event` (what arrived) or `customer`. `facts` is described in docs/architecture.md ("Feed").
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16)
    flow_id = models.CharField(max_length=ID_LENGTH, blank=True)
    at = models.DateTimeField()
    facts = models.JSONField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "id"], name="feed_in_order")]


class Engine(Row):
    """An engine process and its heartbeat: whose leases may be released, and whether anything moves at all."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)


class Lock(models.Model):
    """A named lease for work that only one process may do at a time (matching events)."""

    name = models.CharField(primary_key=True, max_length=64)
    owner = models.CharField(max_length=ID_LENGTH, blank=True)
    until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)
