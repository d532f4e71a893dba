"""Before the server starts: is the database as this version needs it, and if not, a copy first, then migrations."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from flowstudio.store import backup

KEPT = 5


def migrate() -> Path | None:
    """Brings the database up to date; answers where an existing SQLite database was copied to before that."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return None
    copy = _copy() if settings.EMBEDDED and executor.loader.applied_migrations else None
    call_command("migrate", interactive=False, verbosity=0)
    return copy


def _copy() -> Path:
    folder = Path(settings.DATA_DIR) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"before-migration-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.sqlite3"
    backup.save(target)
    for old in sorted(folder.glob("before-migration-*.sqlite3"))[:-KEPT]:
        old.unlink()
    return target
