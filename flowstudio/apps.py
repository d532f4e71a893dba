"""flowstudio itself is an installed app, for its management commands."""

from typing import Any

from django.apps import AppConfig


class FlowstudioConfig(AppConfig):
    """Carries `management/commands`; no models of its own."""

    name = "flowstudio"
    label = "flowstudio"

    def ready(self) -> None:
        """Composition root of the web side: people's own calls may meet the stand-in vendors."""
        from flowstudio.services import tools

        tools.sandbox_with(_sandbox)


def _sandbox() -> Any:
    from django.conf import settings

    from flowstudio.sandbox.transport import Faults, SandboxTransport

    return SandboxTransport(faults=Faults.parse(settings.FLOWSTUDIO_SANDBOX_FAULTS))
