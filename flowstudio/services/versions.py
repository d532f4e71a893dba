"""Published versions, read only."""

from __future__ import annotations

from typing import Any

from flowstudio.services.caller import Caller
from flowstudio.services.people import person
from flowstudio.store.models import Version
from flowstudio.store.queries import flows as queries


def read(caller: Caller, flow_id: str, number: int) -> dict[str, Any]:
    """One version with its graph."""
    flow = queries.one(caller.workspace_id, flow_id)
    version = queries.version(flow.id, number)
    return {**item(version), "graph": version.graph}


def item(version: Version) -> dict[str, Any]:
    """A version as lists show it."""
    return {
        "id": version.id,
        "flow": version.flow_id,
        "number": version.number,
        "draft_revision": version.draft_revision,
        "published_by": person(version.published_by),
        "published_at": version.published_at,
        "note": version.note,
    }
