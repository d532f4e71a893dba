"""A backup back in place, and what the replaced database says was sent since it was taken (G14)."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from flowstudio.domain.errors import InputError
from flowstudio.store.backup import environment
from flowstudio.store.ids import new_id
from flowstudio.store.models import Consent, Customer, Doubt, Restore, Suppression, Workspace
from flowstudio.store.sql import db_time, from_db_time

# A copy that is taken while everything runs holds what was committed until about then.
_SLACK = timedelta(minutes=1)
_SINCE = """
SELECT a.key, a.state, a.started_at, a.run_id, s.workspace_id, s.flow_id, s.customer_id, s.node, s.visit
FROM store_attempt a JOIN store_step s ON s.id = a.step_id
WHERE a.state IN ('sending', 'accepted', 'unknown') AND a.sandbox = %s
  AND (a.state = 'sending' OR a.started_at >= %s OR a.ended_at >= %s) ORDER BY a.started_at, a.id
"""
_BEATS = (
    "SELECT max(at) FROM (SELECT max(beat_at) AS at FROM store_engine UNION SELECT max(received_at) FROM store_event)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """An attempt that the replaced database knows, under the key that its vendor saw."""

    key: str
    state: str
    started_at: datetime
    run: str
    workspace: str
    flow: str
    customer: str
    node: str
    visit: int


def taken_at(source: Path) -> datetime:
    """When a backup was taken, as its own content says. InputError: this is no backup of this kind of database."""
    if not source.is_file():
        raise InputError(f"There is no file {source}.")
    return _taken_sqlite(source) if connection.vendor == "sqlite" else _taken_postgresql(source)


def _taken_sqlite(source: Path) -> datetime:
    try:
        copy = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
        try:
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise InputError(f"{source} is damaged: SQLite's own check of it fails.")
            row = copy.execute(_BEATS).fetchone()
        finally:
            copy.close()
    except sqlite3.Error:
        raise InputError(f"{source} is no backup of flowstudio's SQLite database.") from None
    return from_db_time(row[0]) or datetime.fromtimestamp(source.stat().st_mtime, UTC)


def _taken_postgresql(source: Path) -> datetime:
    found = re.search(r"Archive created at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", _run("pg_restore", "--list", str(source)))
    if found is None:
        raise InputError(f"{source} is no archive of pg_dump.")
    # The clock of the machine that made it, without its zone: the earlier of this and the file's own time.
    made = datetime.fromisoformat(found[1]).astimezone(UTC)
    return min(made, datetime.fromtimestamp(source.stat().st_mtime, UTC))


def sent_since(at: datetime) -> list[Sent] | None:
    """What left the house after `at` or may have, from the database that is about to be replaced; None: unreadable."""
    since = db_time(at - _SLACK)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SINCE, [False, since, since])
            return [_sent(row) for row in cursor.fetchall()]
    except DatabaseError:
        return None


def _sent(row: Sequence[Any]) -> Sent:
    started_at = from_db_time(row[2])
    if started_at is None:
        raise ValueError("an attempt has begun at some time")
    return Sent(
        key=row[0], state=row[1], started_at=started_at, run=row[3], workspace=row[4], flow=row[5], customer=row[6],
        node=row[7], visit=row[8],
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusals:
    """Who must not be written to, from the database that is about to be replaced: a restore must not undo it (G25)."""

    suppressions: tuple[dict[str, Any], ...] = ()
    denials: tuple[dict[str, Any], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()


def refusals() -> Refusals:
    """Reads them; an unreadable database has none to give."""
    try:
        with transaction.atomic():
            return Refusals(
                suppressions=tuple(map(dict, Suppression.objects.filter(lifted_at=None).values())),
                denials=tuple(map(dict, Consent.objects.filter(state="denied").values())),
                keys=tuple(Workspace.objects.values_list("id", "suppression_key_encrypted")),
            )
    except DatabaseError:
        return Refusals()


@transaction.atomic
def keep_refusals(old: Refusals) -> int:
    """Puts back those that the backup does not know, where their workspace and customer are in it; gives how many."""
    for room, key in old.keys:
        # Without the key under which the addresses were hashed, nobody would be recognised.
        Workspace.objects.filter(id=room, suppression_key_encrypted="").update(suppression_key_encrypted=key)
    rooms = set(Workspace.objects.values_list("id", flat=True))
    known = set(Suppression.objects.filter(lifted_at=None).values_list("workspace_id", "channel", "address_hash"))
    lost = [
        Suppression(**{**row, "id": new_id()})
        for row in old.suppressions
        if row["workspace_id"] in rooms and (row["workspace_id"], row["channel"], row["address_hash"]) not in known
    ]
    Suppression.objects.bulk_create(lost)
    people = set(
        Customer.objects.filter(id__in={row["customer_id"] for row in old.denials}).values_list("id", flat=True)
    )
    said = {(row.customer_id, row.category): row for row in Consent.objects.filter(customer_id__in=people)}
    denied = 0
    for row in old.denials:
        now = said.get((row["customer_id"], row["category"]))
        if row["customer_id"] not in people or (now is not None and now.state == "denied"):
            continue
        fields = {name: row[name] for name in ("workspace_id", "state", "source", "said_at")}
        Consent.objects.update_or_create(customer_id=row["customer_id"], category=row["category"], defaults=fields)
        denied += 1
    return len(lost) + denied


def load(source: Path) -> None:
    """Puts the backup in the place of the database. Nothing else may be connected to it."""
    if connection.vendor == "sqlite":
        _load_sqlite(source)
    else:
        connection.close()
        _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error",
             f"--dbname={environment()['PGDATABASE']}", str(source))  # fmt: skip


def _load_sqlite(source: Path) -> None:
    place = Path(connection.settings_dict["NAME"])
    connection.close()
    new = place.with_name(f".{place.name}.restoring")
    shutil.copyfile(source, new)
    new.chmod(0o600)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    for suffix in ("-wal", "-shm"):
        place.with_name(place.name + suffix).unlink(missing_ok=True)
    new.replace(place)


@transaction.atomic
def record(*, taken: datetime, now: datetime, sent: Sequence[Sent] | None) -> int:
    """Holds every engine, with what may have been sent since; gives how many effects are in doubt.

    What the restored database itself knows as accepted is not in doubt; what was under way in it is.
    """
    made = Restore.objects.create(taken_at=taken, restored_at=now, complete=sent is not None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM store_attempt WHERE state = 'accepted'")
        known = {row[0] for row in cursor.fetchall()}
        far = db_time(now + timedelta(days=3650))
        cursor.execute(_SINCE, [False, far, far])
        doubtful = {one.key: one for one in [*map(_sent, cursor.fetchall()), *(sent or ())] if one.key not in known}
    Doubt.objects.bulk_create(
        Doubt(
            id=new_id(), restore=made, workspace_id=one.workspace, flow_id=one.flow, run_id=one.run,
            customer_id=one.customer, node=one.node, visit=one.visit, key=one.key, state=one.state,
            started_at=one.started_at,
        )
        for one in doubtful.values()
    )  # fmt: skip
    return len(doubtful)


def _run(name: str, *arguments: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise InputError(f"{name} is missing: install PostgreSQL's client programs, then try again.")
    done = subprocess.run(  # noqa: S603 - our own program, arguments of our own
        [program, *arguments], env={**os.environ, **environment()}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise InputError(f"{name} failed: {done.stderr.strip()[:2_000] or done.returncode}")
    return done.stdout
