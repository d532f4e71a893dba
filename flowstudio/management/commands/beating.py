"""`manage.py beating`: whether an engine of this machine is at work, for health checks; ends with 1 where none is."""

from __future__ import annotations

import socket
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from flowstudio.engine import clock
from flowstudio.store.models import Engine


class Command(BaseCommand):
    help = "Say whether an engine of this machine has given a sign of life lately."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--within", type=int, default=60, help="seconds since its last sign of life")
        parser.add_argument("--anywhere", action="store_true", help="any machine's engine will do")

    def handle(self, *_: Any, **options: Any) -> None:
        since = clock.now() - timedelta(seconds=options["within"])
        alive = Engine.objects.filter(stopped_at=None, beat_at__gte=since)
        if not options["anywhere"]:
            alive = alive.filter(host=socket.gethostname())
        count = alive.count()
        if not count:
            raise CommandError(f"No engine has given a sign of life within {options['within']} seconds.")
        self.stdout.write(f"{count} engine{'s' if count > 1 else ''} at work.")
