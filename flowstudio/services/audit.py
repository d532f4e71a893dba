"""The audit log: each change with who, what and when (G27). Written in the change's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.services.caller import Caller
from flowstudio.store.models import AuditEntry


def record(
    caller: Caller, verb: str, subject: str, subject_id: str = "", detail: Mapping[str, Any] | None = None
) -> None:
    """One audit row in the running transaction. `detail` carries before and after; a secret only as "changed"."""
    AuditEntry.objects.create(
        workspace_id=caller.workspace_id,
        actor=caller.actor,
        verb=verb,
        subject=subject,
        subject_id=subject_id,
        detail=dict(detail or {}),
    )
