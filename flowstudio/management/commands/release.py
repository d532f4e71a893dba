"""`manage.py release`: after a restore, lets the engines go, with what may have been sent taken for done or not."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from flowstudio.domain.errors import FlowstudioError
from flowstudio.management.operator import operator
from flowstudio.services import restored
from flowstudio.store.models import Workspace


class Command(BaseCommand):
    help = "Decides about what may have been sent since a restored backup was taken, in every workspace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sent", choices=("done", "again"), required=True, help="done: nothing is sent again")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            for workspace in Workspace.objects.order_by("id"):
                restored.decide(operator(workspace), options["sent"])
        except FlowstudioError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The engines are let go.")
