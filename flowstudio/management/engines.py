"""What the commands that run an engine share: when they end, and how much memory they may take."""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowstudio.engine.runner import Engine


def limit_memory(megabytes: int) -> None:
    """Bounds this process's data: a step that eats more gets a MemoryError instead of the machine. 0: no bound."""
    if megabytes <= 0:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


async def until_told(engine: Engine, work: Coroutine[Any, Any, None], *, with_parent: bool) -> None:
    """Does the engine's `work`; SIGTERM, Ctrl-C or (`with_parent`) the end of standard input stops the engine."""
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, engine.stop)
    if with_parent:
        # The parent holds the other end of the pipe: it closes however the parent ends, kill -9 included.
        await loop.connect_read_pipe(lambda: _Parent(engine.stop), sys.stdin)
    await work


class _Parent(asyncio.Protocol):
    """Calls `gone` once the pipe from the parent is closed."""

    def __init__(self, gone: Callable[[], None]) -> None:
        self._gone = gone

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()
