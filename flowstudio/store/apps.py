"""The one Django app with models."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """`store`: models, migrations and the named queries."""

    name = "flowstudio.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
