"""Work on everybody inside a flow, done by the engine piece by piece (SEMANTICS 8.3, 13.2)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from flowstudio.store.models.base import Row
from flowstudio.store.models.flow import Flow
from flowstudio.store.models.workspace import Workspace

BATCH_KINDS = ("move", "resume")


class Batch(Row):
    """One such work: what is to be done (`orders`), how far it has come (`after`), and what was done (`done`).

    A piece and the progress that it makes are one transaction, so that a crash repeats nothing and forgets nothing.
    A `move` takes the runs of version `source` to version `target`. `look_at` is when the next piece is due.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="batches")
    kind = models.CharField(max_length=8, choices=[(k, k) for k in BATCH_KINDS])
    orders = models.JSONField()
    source = models.PositiveIntegerField(default=0)
    target = models.PositiveIntegerField(default=0)
    by = models.CharField(max_length=254, blank=True)
    total = models.PositiveIntegerField(default=0)
    after = models.CharField(max_length=80, blank=True)
    rounds = models.PositiveIntegerField(default=0)
    done = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    look_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="batch_open", condition=Q(finished_at__isnull=True)),
            models.Index(fields=["flow", "-id"], name="batch_by_flow"),
        ]
