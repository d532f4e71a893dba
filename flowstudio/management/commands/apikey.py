"""`manage.py apikey create --role editor [--workspace SLUG] [--name N]` prints the new key alone."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from flowstudio.management import sending
from flowstudio.management.operator import operator
from flowstudio.services import apikeys
from flowstudio.store.models.workspace import KEY_ROLES


class Command(BaseCommand):
    help = "API keys: create one and print it, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a key and print it")
        create.add_argument("--role", choices=KEY_ROLES, required=True)
        create.add_argument("--workspace", default="main", help="its slug (default: main)")
        create.add_argument("--name", default="Command line", help="what lists call it")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = sending.workspace(options["workspace"])
        _, token = apikeys.create(operator(workspace), name=options["name"][:120], role=options["role"])
        self.stdout.write(token)
