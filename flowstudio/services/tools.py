"""The real tools for a call that a person asks for (testing a credential); the engine has its own, long-lived ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.conf import settings

from flowstudio.connectors.base import Tools
from flowstudio.connectors.registry import build_tools
from flowstudio.engine.outbox import OutboxMailer


@asynccontextmanager
async def real() -> AsyncIterator[Tools]:
    """Tools behind the egress guard, closed after one call."""
    tools = build_tools(settings, mailer=OutboxMailer(settings.FLOWSTUDIO_MAIL_FROM))
    try:
        yield tools
    finally:
        await tools.http.aclose()
        tools.warehouse.close()
