"""Whom messages may reach, what ends a run early, and what counts as success."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from flowstudio.store.models.base import ID_LENGTH, Row
from flowstudio.store.models.customer import Customer
from flowstudio.store.models.flow import Flow, Version
from flowstudio.store.models.run import Run
from flowstudio.store.models.workspace import Workspace

SUPPRESSION_REASONS = ("unsubscribed", "by_hand", "bounced", "complained")
CONSENT_STATES = ("granted", "denied")
WATCH_KINDS = ("event", "trait")


class Watch(models.Model):
    """What the exits and goals of a published version look at: an event's name, or a trait ("*": any).

    Written at publishing and never again: runs stay on the version they began with.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="watches")
    kind = models.CharField(max_length=5, choices=[(k, k) for k in WATCH_KINDS])
    key = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "kind", "key"], name="watch_once")]
        indexes: ClassVar = [models.Index(fields=["workspace", "kind", "key"], name="watch_by_key")]


class Conversion(Row):
    """A goal that a run reached: once a run and goal, whatever happens (SEMANTICS 2.5).

    `goal` is the id of a goal in the flow's settings, or of a Goal node. `credited_step` is the step of the last
    delivered message before it, '' when there was none.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="conversions")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="conversions")
    customer_id = models.CharField(max_length=ID_LENGTH)
    goal = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    event_id = models.CharField(max_length=ID_LENGTH, blank=True)
    credited_step = models.CharField(max_length=ID_LENGTH, blank=True)
    credited_node = models.CharField(max_length=64, blank=True)
    reached_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "goal"], name="conversion_once")]
        indexes: ClassVar = [models.Index(fields=["flow", "goal", "-reached_at"], name="conversion_by_goal")]


class Suppression(Row):
    """An address (or a customer as a whole) that no message may reach, transactional ones included (SEMANTICS 5.4).

    Only a keyed hash of the address is kept, so that it outlives the person's erasure and knows them again (G26).
    `channel` is `email`, or `customer` for the whole person. Lifted ones stay, with who lifted them in the audit log.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    channel = models.CharField(max_length=16)
    address_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=16, choices=[(r, r) for r in SUPPRESSION_REASONS])
    source = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "channel", "address_hash"], name="suppressed_once", condition=Q(lifted_at=None)
            )
        ]


class Consent(models.Model):
    """What a customer said about one category of messages; nothing said counts as allowed (SEMANTICS 1.4)."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    category = models.CharField(max_length=60)
    state = models.CharField(max_length=7, choices=[(s, s) for s in CONSENT_STATES])
    source = models.CharField(max_length=120, blank=True)
    said_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer", "category"], name="consent_once")]
