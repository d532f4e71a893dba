"""Secrets (write-only), the e-mail outbox and the audit log."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from flowstudio.store.models.base import ID_LENGTH, Row
from flowstudio.store.models.workspace import User, Workspace


class Credential(Row):
    """A vendor's secret, encrypted at rest; `hint` is its last four characters. Bound to the connector's hosts."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    connector = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    secret_encrypted = models.TextField()
    hint = models.CharField(max_length=8, blank=True)
    hosts = models.JSONField(default=list)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    tested_at = models.DateTimeField(null=True)
    test_result = models.CharField(max_length=255, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "connector"], name="credential_by_connector")]


class OutboxMail(Row):
    """An e-mail kept in the product instead of being sent (the embedded default), or the copy of one that was."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    key = models.CharField(max_length=64, unique=True)
    run_id = models.CharField(max_length=ID_LENGTH, blank=True)
    node = models.CharField(max_length=64, blank=True)
    customer_id = models.CharField(max_length=ID_LENGTH, blank=True)
    sender = models.CharField(max_length=320)
    to = models.CharField(max_length=320)
    subject = models.TextField()
    html = models.TextField()
    text = models.TextField()
    headers = models.JSONField(default=dict)
    delivered_by = models.CharField(max_length=16)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="outbox_newest")]


class AuditEntry(Row):
    """Who changed what, when; secrets appear as "changed". Not editable through any interface."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    actor = models.CharField(max_length=320)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="audit_newest")]
