"""Composition root of every process that runs an engine: here alone it meets real and stand-in vendors."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from flowstudio.connectors import registry
from flowstudio.connectors.base import Tools
from flowstudio.engine.outbox import OutboxMailer
from flowstudio.engine.runner import Engine
from flowstudio.sandbox.transport import Faults, SandboxTransport

_EXAMINER = (sys.executable, str(settings.BASE_DIR / "manage.py"), "suspects")


def tools() -> tuple[Tools, Tools]:
    """The world's tools and the sandbox's. A setting that cannot be used raises ImproperlyConfigured and is named."""
    outbox = OutboxMailer(settings.FLOWSTUDIO_MAIL_FROM)
    try:
        faults = Faults.parse(settings.FLOWSTUDIO_SANDBOX_FAULTS)
    except ValueError as error:
        raise ImproperlyConfigured(f"FLOWSTUDIO_SANDBOX_FAULTS: {error}") from None
    try:
        world = registry.build_tools(settings, mailer=outbox)
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from None
    return world, registry.build_tools(settings, transport=SandboxTransport(faults=faults), mailer=outbox)


def build[E: Engine](kind: type[E], **options: Any) -> E:
    """An engine of this kind with the installed connectors, the world's tools and the sandbox's."""
    world, sandbox = tools()
    given = {"examiner": _EXAMINER, "stall_s": settings.FLOWSTUDIO_STALL_S, **options}
    return kind(tools=world, sandbox_tools=sandbox, actions=registry.action, **given)
