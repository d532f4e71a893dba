"""Whoever has the command line has the database: they act as an admin, and the audit log says so."""

from __future__ import annotations

from flowstudio.services.caller import Caller
from flowstudio.store.models import Workspace


def operator(workspace: Workspace) -> Caller:
    """The command line as a caller in a workspace."""
    return Caller(workspace_id=workspace.id, workspace_slug=workspace.slug, role="admin", actor="command line")
