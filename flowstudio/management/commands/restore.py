"""`manage.py restore FILE`: a backup back in place. Nothing moves afterwards until a person has decided (G14)."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone

from flowstudio.domain.errors import InputError
from flowstudio.management import database
from flowstudio.management.commands.serve import alone
from flowstudio.services import health
from flowstudio.store import backup, restore


class Command(BaseCommand):
    help = "Puts the backup FILE in the place of the database, which is kept beside the backups. Stop flowstudio first."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, **options: Any) -> None:
        source: Path = options["file"].resolve()
        with alone():
            try:
                self._restore(source)
            except InputError as error:
                raise CommandError(str(error)) from None

    def _restore(self, source: Path) -> None:
        taken = restore.taken_at(source)
        _nobody_works()
        self.stdout.write(f"  The backup is of {taken:%Y-%m-%d %H:%M:%S} UTC. Reading what was sent since …")
        sent = restore.sent_since(taken)
        refused = restore.refusals()
        kept = _keep(sent is not None)
        if kept is not None:
            self.stdout.write(f"  The database that is replaced was copied to {kept}.")
        restore.load(source)
        database.migrate()
        doubts = restore.record(taken=taken, now=timezone.now(), sent=sent)
        again = restore.keep_refusals(refused)
        if again:
            self.stdout.write(f"  {again:,} unsubscribes that came after the backup were kept.")
        if sent is None:
            self.stdout.write("  The replaced database cannot be read: what was sent since the backup is not known.")
        self.stdout.write(
            f"{source.name} is restored. Nothing moves until you decide about {doubts:,} effects that may have been sent"
            " since: start flowstudio and open it, or `manage.py release --sent done|again`."
        )


def _nobody_works() -> None:
    try:
        beat = health.beat_age_s()
    except DatabaseError:
        return
    finally:
        connection.close()
    if beat is not None and beat < health.BEAT_S:
        raise InputError(f"An engine was last heard of {beat:.0f} s ago. Stop every web server and worker first.")


def _keep(readable: bool) -> Path | None:
    """A copy of what is about to be replaced; whatever is wrong with it, the file itself."""
    folder = Path(settings.DATA_DIR) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    ending = "sqlite3" if settings.EMBEDDED else "dump"
    target = folder / f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.{ending}"
    if readable:
        backup.save(target)
        return target
    place = Path(str(connection.settings_dict["NAME"]))
    if settings.EMBEDDED and place.exists() and place.stat().st_size:
        connection.close()
        place.rename(target)
        return target
    return None
