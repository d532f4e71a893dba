"""`manage.py suspects`: the child process in which an engine has suspect steps tried, one at a time (SEMANTICS 10.8)."""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from flowstudio.logs import log_as_json
from flowstudio.management.engines import limit_memory, until_told


class Command(BaseCommand):
    help = "Internal: tries steps that were executing when their engine died, each alone, then ends."
    requires_system_checks = ("keys",)

    def handle(self, *_: Any, **__: Any) -> None:
        log_as_json("suspects")
        from flowstudio.engine.runner import Engine
        from flowstudio.engines import build

        limit_memory(settings.FLOWSTUDIO_ENGINE_MEMORY_MB // 2)
        engine = build(Engine, max_runs=1, whom="suspects", examiner=())
        asyncio.run(until_told(engine, engine.drain(keep=True), with_parent=True))
