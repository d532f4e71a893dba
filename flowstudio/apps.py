"""flowstudio itself is an installed app, for its management commands."""

from django.apps import AppConfig


class FlowstudioConfig(AppConfig):
    """Carries `management/commands`; no models of its own."""

    name = "flowstudio"
    label = "flowstudio"
