"""What a marketer draws: flows, drafts, immutable versions, webhook addresses."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from flowstudio.store.models.base import Row
from flowstudio.store.models.workspace import User, Workspace

FLOW_STATES = ("draft", "live", "closed", "paused", "draining", "stopped", "archived")


class Flow(Row):
    """A flow's identity. `version` is the number that new runs start with, None until it is published.

    `paused_at` is since when nothing runs, None for a flow that is not paused (SEMANTICS 13.2).
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="flows")
    name = models.CharField(max_length=200)
    tags = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="draft", choices=[(s, s) for s in FLOW_STATES])
    version = models.PositiveIntegerField(null=True)
    paused_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "state"], name="flow_by_state")]


class Draft(models.Model):
    """The graph being worked on; `revision` rises by one with every save (SEMANTICS 8.7)."""

    flow = models.OneToOneField(Flow, on_delete=models.CASCADE, primary_key=True, related_name="draft")
    graph = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField(auto_now=True)


class Version(Row):
    """An immutable published graph (SEMANTICS 8.1), with what its author wrote for the history.

    `orders` are what was chosen for the customers inside, as `flowstudio.domain.moving.Orders` keeps them.
    """

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    graph = models.JSONField()
    draft_revision = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True, default="", db_default="")
    orders = models.JSONField(default=dict, db_default={})
    published_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["flow", "number"], name="version_once")]


class TriggerIndex(Row):
    """Which events a published flow wants; rewritten at publishing so that matching is one indexed look-up.

    `event` is the event's name; for a webhook trigger it is `hook:<hook id>`.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="triggers")
    node = models.CharField(max_length=64)
    event = models.CharField(max_length=255)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "event"], name="trigger_by_event")]


class Hook(Row):
    """The secret address of a webhook trigger. The token is kept encrypted (to show it) and hashed (to find it)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="hooks")
    node = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    token_encrypted = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["flow", "node"], name="hook_once")]
