"""The tools for a call that a person asks for (a credential's test, a step's trial); the engine has long-lived ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import httpx
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from flowstudio.connectors.base import Tools
from flowstudio.connectors.registry import build_tools
from flowstudio.engine.outbox import OutboxMailer


class _Sandbox:
    """What the composition root gave: how a stand-in for the network is made."""

    transport: ClassVar[Callable[[], httpx.AsyncBaseTransport] | None] = None


def sandbox_with(transport: Callable[[], httpx.AsyncBaseTransport]) -> None:
    """The composition root says how the stand-in vendors are reached."""
    _Sandbox.transport = transport


@asynccontextmanager
async def real() -> AsyncIterator[Tools]:
    """Tools behind the egress guard, closed after one call."""
    async with _closing(None) as tools:
        yield tools


@asynccontextmanager
async def sandbox() -> AsyncIterator[Tools]:
    """Tools whose network is the stand-in vendors', closed after one call."""
    if _Sandbox.transport is None:
        raise RuntimeError("nobody said how the stand-in vendors are reached")
    async with _closing(_Sandbox.transport()) as tools:
        yield tools


@asynccontextmanager
async def _closing(transport: httpx.AsyncBaseTransport | None) -> AsyncIterator[Tools]:
    mailer = OutboxMailer(settings.FLOWSTUDIO_MAIL_FROM)
    # A mail or two need no group commit and no thread of their own.
    mailer.bind(_write)
    tools = build_tools(settings, transport=transport, mailer=mailer)
    try:
        yield tools
    finally:
        await tools.http.aclose()
        tools.warehouse.close()
        mailer.close()


async def _write(work: Callable[[CursorWrapper], Any]) -> Any:
    return await sync_to_async(_committed)(work)


def _committed(work: Callable[[CursorWrapper], Any]) -> Any:
    with transaction.atomic(), connection.cursor() as cursor:
        return work(cursor)
