"""One record a customer, with the origin of every trait."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from flowstudio.store.models.base import ID_LENGTH, Row
from flowstudio.store.models.workspace import Workspace


class Customer(Row):
    """A person or company that travels. `traits` holds the winning values; `TraitValue` the whole history."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="customers")
    external_id = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=320, blank=True)
    name = models.CharField(max_length=255, blank=True)
    traits = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-seen_at", "-id"], name="customer_by_seen"),
            models.Index(fields=["workspace", "email"], name="customer_by_email"),
        ]


class Alias(models.Model):
    """A name by which a customer is known: `user` (userId) or `anon` (anonymousId)."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    kind = models.CharField(max_length=4, choices=[("user", "user"), ("anon", "anon")])
    value = models.CharField(max_length=255)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "kind", "value"], name="alias_once")]


class TraitValue(models.Model):
    """One value a trait was given: by what (`event`, or a connector's id), when, and whether it won (SEMANTICS 11.3).

    `priority` breaks a tie of `occurred_at`; `reference` is the id of the event or step that brought it.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="trait_values")
    name = models.CharField(max_length=255)
    value = models.JSONField(null=True)
    source = models.CharField(max_length=64)
    priority = models.SmallIntegerField(default=0)
    reference = models.CharField(max_length=ID_LENGTH, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    won = models.BooleanField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "name", "-occurred_at"], name="trait_history")]
