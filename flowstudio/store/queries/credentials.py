"""Reads of credentials; the sealed secret is left out unless it is what is asked for."""

from __future__ import annotations

from django.db.models import QuerySet

from flowstudio.domain.errors import NotFound
from flowstudio.store.models import Credential


def listed(workspace_id: str, *, connector: str = "") -> QuerySet[Credential]:
    """A workspace's credentials without their secrets."""
    rows = Credential.objects.filter(workspace_id=workspace_id).defer("secret_encrypted").select_related("created_by")
    return rows.filter(connector=connector) if connector else rows


def one(workspace_id: str, credential_id: str) -> Credential:
    """One credential with its sealed secret, or NotFound."""
    row = Credential.objects.filter(workspace_id=workspace_id, id=credential_id).select_related("created_by").first()
    if row is None:
        raise NotFound("There is no such credential.")
    return row


def connectors_by_id(workspace_id: str) -> dict[str, str]:
    """The connector of each of a workspace's credentials."""
    return dict(Credential.objects.filter(workspace_id=workspace_id).values_list("id", "connector"))
