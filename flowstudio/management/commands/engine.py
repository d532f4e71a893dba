"""`manage.py engine`: one engine process, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand

from flowstudio.engine.runner import Engine


def log_as_json() -> None:
    """Everything logged in this process becomes one JSON line on stderr: verb and ids, never payloads."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("httpx", "aiohttp", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class Command(BaseCommand):
    help = "Run one engine: it matches events, moves runs, performs calls. SIGTERM hands everything back at once."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--max-runs", type=int, default=1_000, help="Runs carried at the same time.")

    def handle(self, *_: Any, **options: Any) -> None:
        log_as_json()
        # The composition root of this process: here alone the engine meets real and stand-in vendors.
        from flowstudio.connectors import registry
        from flowstudio.engine.outbox import OutboxMailer
        from flowstudio.sandbox.transport import SandboxTransport

        outbox = OutboxMailer(settings.FLOWSTUDIO_MAIL_FROM)
        engine = Engine(
            tools=registry.build_tools(settings, mailer=outbox),
            sandbox_tools=registry.build_tools(settings, transport=SandboxTransport(), mailer=outbox),
            actions=registry.action,
            max_runs=options["max_runs"],
        )
        gc.freeze()
        asyncio.run(_until_told(engine))


async def _until_told(engine: Engine) -> None:
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, engine.stop)
    await engine.run()
