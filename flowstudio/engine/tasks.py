"""The Celery task "advance what is due", and how it is asked for (docs/decisions/0005-celery-wakes-the-engine.md).

Celery starts the processes and spreads the looks; what is due, and when, only the database knows. A task carries
nothing, so losing one, or running one twice, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import structlog
from celery import shared_task
from django.conf import settings

from flowstudio.engine.host import BUDGET_S, Host
from flowstudio.engine.kept import KeptEngine

log = structlog.get_logger("flowstudio.engine.tasks")
GRACE_S = 20.0
# A hint only: it says that a task waits to begin, and goes by itself when that task is lost.
_HINT = "flowstudio:wake"
_HINT_MS = 1_000
_TIMEOUT_S = 0.5


class _Process:
    """What this worker process keeps."""

    build: ClassVar[Callable[[], KeptEngine] | None] = None
    host: ClassVar[Host | None] = None
    redis: ClassVar[Any] = None


def build_with(build: Callable[[], KeptEngine]) -> None:
    """The composition root says how an engine is built."""
    _Process.build = build


def _redis() -> Any:
    import redis

    if _Process.redis is None:
        _Process.redis = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
        )
    return _Process.redis


@shared_task(
    name="flowstudio.advance",
    acks_late=True,
    ignore_result=True,
    soft_time_limit=int(BUDGET_S * 4),
    time_limit=int(BUDGET_S * 6),
)
def advance() -> None:
    """Takes what is due, for a few seconds at most."""
    try:
        # Before the look: whatever is committed from here on asks for another task.
        _redis().delete(_HINT)
    except Exception as error:
        log.warning("hint.broke", error=type(error).__name__)
    host().advance()


def wake() -> None:
    """Asks for one look, unless a task already waits to begin. Never raises: beat and the patrol make it good."""
    try:
        if _redis().set(_HINT, b"1", nx=True, px=_HINT_MS):
            advance.apply_async(retry=False)
    except Exception as error:
        log.warning("wake.broke", error=type(error).__name__)


def host() -> Host:
    """This process's host, started at the first call (after the fork)."""
    if _Process.host is None:
        if _Process.build is None:
            raise RuntimeError(
                "Nobody said how an engine is built: start the worker with `celery -A flowstudio worker`."
            )
        _Process.host = Host(_Process.build, wake, patrol_s=settings.FLOWSTUDIO_PATROL_S)
    _Process.host.start()
    return _Process.host


def end() -> None:
    """The process ends: every lease goes back."""
    if _Process.host is not None:
        _Process.host.stop(GRACE_S + 4.0)
