"""How many flows led to an event: flows that start one another, by hand-over or by events, must not go in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def depth(event: Mapping[str, Any]) -> int:
    """How many flows, one after the other, led to this event; 0 for one from outside."""
    context = event.get("context")
    if not isinstance(context, Mapping):
        return 0
    found = [by.get("depth") for by in (context.get("flow"), context.get("started_by")) if isinstance(by, Mapping)]
    return max((one for one in found if isinstance(one, int) and not isinstance(one, bool)), default=0)
