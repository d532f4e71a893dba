"""Reads of API keys."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from flowstudio.domain.errors import NotFound
from flowstudio.store.models import ApiKey


def by_hash(token_hash: str) -> ApiKey | None:
    """The key that is not revoked, with its workspace."""
    return ApiKey.objects.select_related("workspace").filter(token_hash=token_hash, revoked_at=None).first()


def note_use(key_id: str, at: datetime) -> None:
    """Keeps when a key was last used."""
    ApiKey.objects.filter(id=key_id).update(last_used_at=at)


def listed(workspace_id: str) -> QuerySet[ApiKey]:
    """All keys of a workspace, also revoked ones."""
    return ApiKey.objects.filter(workspace_id=workspace_id).select_related("created_by")


def one(workspace_id: str, key_id: str) -> ApiKey:
    """One key of the workspace, or NotFound."""
    key = listed(workspace_id).filter(id=key_id).first()
    if key is None:
        raise NotFound("There is no such API key.")
    return key
