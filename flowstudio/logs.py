"""Logs of every process: one JSON line an event on stderr, and the same rotated in the data folder."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

_BYTES = 10 * 1024 * 1024
_FILES = 5


def log_as_json(process: str) -> None:
    """Everything logged in this process becomes JSON: verb and ids, never payloads.

    `process` names the file `logs/<process>.log` of the data folder (10 MB, five older ones kept).
    """
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
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    folder = Path(settings.DATA_DIR) / "logs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handlers: list[logging.Handler] = [
        logging.StreamHandler(sys.stderr),
        RotatingFileHandler(folder / f"{process}.log", maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8"),
    ]
    for handler in handlers:
        handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(logging.INFO)
    # Refused requests are counted in the metrics; a line each would bury what is wrong on our side.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    for noisy in ("httpx", "aiohttp", "asyncio", "uvicorn.access", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
