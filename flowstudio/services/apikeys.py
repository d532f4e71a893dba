"""API keys: 256 random bits, shown once, kept as SHA-256."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from flowstudio.domain.errors import InputError
from flowstudio.services import audit
from flowstudio.services.caller import Caller
from flowstudio.services.people import person
from flowstudio.store.models import ApiKey
from flowstudio.store.models.workspace import KEY_ROLES
from flowstudio.store.queries import apikeys as queries
from flowstudio.store.secrets import digest

_SEEN_EVERY = timedelta(minutes=1)


def caller_of(token: str) -> Caller | None:
    """Whom a key speaks for, or None when it is unknown or revoked. Notes the use at most once a minute."""
    key = queries.by_hash(digest(token))
    if key is None:
        return None
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > _SEEN_EVERY:
        queries.note_use(key.id, now)
    return Caller(
        workspace_id=key.workspace_id,
        workspace_slug=key.workspace.slug,
        role=key.role,
        actor=f"key {key.name} (…{key.last4})",
        key_id=key.id,
    )


@transaction.atomic
def create(caller: Caller, *, name: str, role: str) -> tuple[ApiKey, str]:
    """A new key and its token; the token is not kept and cannot be shown again."""
    if role not in KEY_ROLES:
        raise InputError(f"A key's role is one of {', '.join(KEY_ROLES)}, not {role!r}.", field="role")
    token = f"fs_{role[:2]}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        workspace_id=caller.workspace_id,
        name=name,
        role=role,
        token_hash=digest(token),
        last4=token[-4:],
        created_by_id=caller.user_id,
    )
    audit.record(caller, "api_key.created", "api_key", key.id, {"name": name, "role": role})
    return key, token


@transaction.atomic
def revoke(caller: Caller, key_id: str) -> ApiKey:
    """Closes a key for good, at once. Revoking twice changes nothing."""
    key = queries.one(caller.workspace_id, key_id)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        audit.record(caller, "api_key.revoked", "api_key", key.id, {"name": key.name, "role": key.role})
    return key


def item(key: ApiKey) -> dict[str, Any]:
    """A key as lists show it: never its token."""
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "prefix": f"fs_{key.role[:2]}_…{key.last4}",
        "last4": key.last4,
        "created_at": key.created_at,
        "created_by": person(key.created_by),
        "used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }
