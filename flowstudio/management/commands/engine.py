"""`manage.py engine`: one engine process, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import gc
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from flowstudio import loops
from flowstudio.logs import log_as_json
from flowstudio.management.engines import limit_memory, until_told


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
        limit_memory(settings.FLOWSTUDIO_ENGINE_MEMORY_MB)
        loops.run(until_told(engine, engine.run(), with_parent=options["with_parent"]))
