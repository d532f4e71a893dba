"""After a backup was restored: what may have been sent since it was taken, until a person has decided (G14)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from flowstudio.store.models.base import ID_LENGTH, Row

DOUBT_STATES = ("sending", "accepted", "unknown")
CHOICES = ("", "done", "again")


class Restore(Row):
    """One restored backup. While `decided_at` is None no engine moves anything.

    `complete`: the database that was replaced could be read, so that the list of doubts is whole.
    """

    taken_at = models.DateTimeField()
    restored_at = models.DateTimeField()
    complete = models.BooleanField()
    decided_at = models.DateTimeField(null=True)


class Doubt(Row):
    """An effect that left the house after the backup was taken, or may have. Ids are those of the replaced database:
    the run may not be in the restored one. `choice` is `done` (not sent again) or `again`, '' until it is decided."""

    restore = models.ForeignKey(Restore, on_delete=models.CASCADE, related_name="doubts")
    workspace_id = models.CharField(max_length=ID_LENGTH)
    flow_id = models.CharField(max_length=ID_LENGTH)
    run_id = models.CharField(max_length=ID_LENGTH)
    customer_id = models.CharField(max_length=ID_LENGTH)
    node = models.CharField(max_length=64)
    visit = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=[(s, s) for s in DOUBT_STATES])
    started_at = models.DateTimeField()
    choice = models.CharField(max_length=5, blank=True, default="", choices=[(c, c) for c in CHOICES])

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "-started_at"], name="doubt_newest"),
            models.Index(fields=["key"], name="doubt_done", condition=Q(choice="done")),
        ]
