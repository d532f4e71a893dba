"""Which value of a trait wins (SEMANTICS 11.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """When a value was true at its source, and how much that source is trusted on a tie."""

    occurred_at: datetime
    priority: int = 0


def wins(current: Stamp | None, candidate: Stamp) -> bool:
    """Whether the candidate takes the place of the current value: the latest by occurrence, then by priority."""
    if current is None:
        return True
    return (candidate.occurred_at, candidate.priority) >= (current.occurred_at, current.priority)
