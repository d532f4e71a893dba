"""Composition root of every process that runs an engine: here alone it meets real and stand-in vendors."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from flowstudio.connectors import registry
from flowstudio.engine.outbox import OutboxMailer
from flowstudio.engine.runner import Engine
from flowstudio.sandbox.transport import SandboxTransport


def build[E: Engine](kind: type[E], **options: Any) -> E:
    """An engine of this kind with the installed connectors, the world's tools and the sandbox's."""
    outbox = OutboxMailer(settings.FLOWSTUDIO_MAIL_FROM)
    return kind(
        tools=registry.build_tools(settings, mailer=outbox),
        sandbox_tools=registry.build_tools(settings, transport=SandboxTransport(), mailer=outbox),
        actions=registry.action,
        **options,
    )
