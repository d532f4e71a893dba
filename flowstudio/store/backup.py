"""A copy of the whole database in one file, taken while everything runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection

from flowstudio.domain.errors import InputError


def save(target: Path) -> None:
    """Writes the database to `target`, readable by its owner only; what is committed meanwhile may or may not be in it.

    SQLite: an SQLite file. PostgreSQL: an archive of pg_dump. Raises InputError when the file exists already or its
    folder does not, or when pg_dump is missing or fails. The keys that open credentials lie in the data folder and are
    not in the copy.
    """
    if target.exists():
        raise InputError(f"{target} exists already. Name another file; a backup never overwrites one.")
    if not target.parent.is_dir():
        raise InputError(f"The folder {target.parent} does not exist. Make it, or name another file.")
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if connection.vendor == "sqlite":
            _copy_sqlite(unfinished)
        else:
            _dump_postgresql(unfinished)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _copy_sqlite(target: Path) -> None:
    connection.ensure_connection()
    source: Any = connection.connection
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
        # One file that stands alone: no journal beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()


def _dump_postgresql(target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise InputError("pg_dump is missing: install PostgreSQL's client programs, then try again.")
    done = subprocess.run(  # noqa: S603 - our own program, arguments of our own
        [program, "--format=custom", "--no-owner", f"--file={target}"],
        env={**os.environ, **environment()}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise InputError(f"pg_dump failed: {done.stderr.strip() or done.returncode}")


def environment() -> dict[str, str]:
    """How PostgreSQL's programs reach the database: a password in the arguments could be read by the whole machine."""
    known = connection.get_connection_params()
    given = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {variable: str(known[name]) for name, variable in given.items() if known.get(name)}
