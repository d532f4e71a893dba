"""What is checked before any command or server starts."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from flowstudio.store.secrets import keys_problem


@register("keys")
def encryption_keys(**_: Any) -> list[CheckMessage]:
    """Refuses to start with keys that cannot open what was sealed (SECURITY S26)."""
    problem = keys_problem()
    return [Error(problem, id="flowstudio.E001")] if problem else []
