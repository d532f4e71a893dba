"""`manage.py engine`: one engine process, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from flowstudio.logs import log_as_json

if TYPE_CHECKING:
    from flowstudio.engine.runner import Engine


class Command(BaseCommand):
    help = "Run one engine: it matches events, moves runs, performs calls. SIGTERM hands everything back at once."
    # The keys alone: Django's other checks read the URLs and with them the whole web side, which an engine never uses.
    requires_system_checks = ("keys",)

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--max-runs", type=int, default=1_000, help="Runs carried at the same time.")
        parser.add_argument("--with-parent", action="store_true", help="End when standard input closes.")

    def handle(self, *_: Any, **options: Any) -> None:
        log_as_json("engine")
        # What a start makes stays: collecting meanwhile costs a fifth of it, and customers wait for a dead engine's
        # successor (SEMANTICS 10.9).
        gc.disable()
        from flowstudio.engine.runner import Engine
        from flowstudio.engines import build

        engine = build(Engine, max_runs=options["max_runs"])
        gc.freeze()
        gc.enable()
        asyncio.run(_until_told(engine, with_parent=options["with_parent"]))


async def _until_told(engine: Engine, *, with_parent: bool) -> None:
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, engine.stop)
    if with_parent:
        # The launcher holds the other end of the pipe: it closes however the launcher ends, kill -9 included.
        await loop.connect_read_pipe(lambda: _Parent(engine.stop), sys.stdin)
    await engine.run()


class _Parent(asyncio.Protocol):
    """Calls `gone` once the pipe from the parent is closed."""

    def __init__(self, gone: Callable[[], None]) -> None:
        self._gone = gone

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()
