"""`manage.py backup FILE`: the whole database in one file, while everything runs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from flowstudio.domain.errors import InputError
from flowstudio.store import backup


class Command(BaseCommand):
    help = "Copies the database into FILE. Keep the keys of the data folder too, but not beside it: they open it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"].resolve()
        try:
            backup.save(target)
        except InputError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{target} ({target.stat().st_size / 1024 / 1024:.1f} MB)")
