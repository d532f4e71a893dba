"""A person as answers show them."""

from __future__ import annotations

from typing import Any

from flowstudio.store.models import User


def person(user: User | None) -> dict[str, Any] | None:
    """`{id, email, name}`, or None for nobody (a deleted person, or a change made by a key)."""
    return None if user is None else {"id": str(user.pk), "email": user.email, "name": user.name}
