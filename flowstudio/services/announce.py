"""Telling viewers and the engine: the feed row in the change's own transaction, the bells after its commit."""

from __future__ import annotations

from functools import partial

from django.db import connection, transaction

from flowstudio.engine import bell, feed
from flowstudio.store.models import Flow


def ring(channel: str) -> None:
    """Wakes whoever listens on `channel` ("engine", "viewers"), once the running transaction has committed.

    A bell only shortens a delay: a lost ring loses nothing (SEMANTICS 3.9), so a failing one never fails the request.
    """
    transaction.on_commit(partial(bell.ring, channel), robust=True)


def flow_changed(flow: Flow, draft_revision: int, *, engine: bool = False) -> None:
    """Writes the feed row that a flow's state, version or draft moved, and rings the viewers (and the engine)."""
    with connection.cursor() as cursor:
        feed.append(
            cursor,
            flow.workspace_id,
            "flow",
            flow.id,
            {
                "flow": flow.id,
                "name": flow.name,
                "state": flow.state,
                "version": flow.version,
                "draft_revision": draft_revision,
            },
        )
    ring("viewers")
    if engine:
        ring("engine")
