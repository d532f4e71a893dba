"""The one clock of the engine: the database's, so that no worker's wrong clock fires a timer early (G6).

On PostgreSQL the server's time is read now and then and carried on by the monotonic clock in between, always rounded
to the past (the reading is dated at its arrival). With SQLite database and engine share the machine, hence its clock.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from django.db import connection
from django.db.backends.utils import CursorWrapper


class _Reading:
    """The last look at the server's clock: its instant, and the monotonic clock at the answer's arrival."""

    anchor: ClassVar[tuple[datetime, float] | None] = None


def now() -> datetime:
    """The database's present instant in UTC, without asking it each time."""
    anchor = _Reading.anchor
    if anchor is None:
        return datetime.now(UTC)
    return anchor[0] + timedelta(seconds=time.monotonic() - anchor[1])


def sync(cursor: CursorWrapper) -> None:
    """Reads the database's clock anew; call at the start and with every heartbeat."""
    if connection.vendor != "postgresql":
        return
    cursor.execute("SELECT clock_timestamp()")
    row = cursor.fetchone()
    _Reading.anchor = (row[0].astimezone(UTC), time.monotonic())


def reset() -> None:
    """Forgets what was read: the machine's clock counts again (a test that changes databases needs this)."""
    _Reading.anchor = None
