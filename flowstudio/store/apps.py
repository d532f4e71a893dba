"""The one Django app with models."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """`store`: models, migrations and the named queries."""

    name = "flowstudio.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the checks that a start must pass."""
        from flowstudio.store import checks  # noqa: F401
