"""Who is alive, and what the dead leave behind. Recovery puts work back into the queue, it never executes it (10.5)."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.db.backends.utils import CursorWrapper

from flowstudio.engine import blocks, claim, commit, poison
from flowstudio.store.models import Engine
from flowstudio.store.sql import db_time

_LOST = "The engine stopped while this call was under way, so its answer is not known."
# `manage.py engine`, its child for suspects, and the worker processes of Celery, which keep one each.
_COMMANDS = ("engine", "celery", "suspects")


def register(cursor: CursorWrapper, engine: str, *, host: str, pid: int, now: datetime) -> None:
    """Writes the row of this engine process."""
    cursor.execute(
        "INSERT INTO store_engine (id, host, pid, started_at, beat_at) VALUES (%s, %s, %s, %s, %s)",
        [engine, host, pid, db_time(now), db_time(now)],
    )


def beat(cursor: CursorWrapper, engine: str, now: datetime) -> None:
    """Says that this engine is alive."""
    cursor.execute("UPDATE store_engine SET beat_at = %s WHERE id = %s", [db_time(now), engine])


def sign_off(cursor: CursorWrapper, engine: str, now: datetime) -> int:
    """The clean end: every lease goes back at once (G15); gives how many there were."""
    given = claim.give_back(cursor, engine)
    cursor.execute("UPDATE store_engine SET stopped_at = %s WHERE id = %s", [db_time(now), engine])
    return given


def take_over(cursor: CursorWrapper, engine: str, *, host: str, pid: int, now: datetime) -> int:
    """Releases the leases of engines of this machine whose process is gone (10.9); gives the number of leases.

    Engines of other machines are judged by their leases' end alone.
    """
    released = 0
    others = Engine.objects.filter(host=host, stopped_at=None).exclude(id=engine)
    for other, its_pid in others.values_list("id", "pid"):
        if its_pid != pid and _is_engine(its_pid):
            continue
        poison.blame(cursor, other)
        released += claim.give_back(cursor, other)
        cursor.execute("UPDATE store_engine SET stopped_at = %s WHERE id = %s", [db_time(now), other])
    return released


def _is_engine(pid: int) -> bool:
    """Whether a living process of this machine is an engine; a pid may have been given to another program since."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
        if status.rpartition(")")[2].split()[0] == "Z":
            return False
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        return any(Path(word).name in _COMMANDS or word.startswith("[celeryd:") for word in words)
    except OSError:
        # No /proc on this system: a living pid is taken for the engine, its leases end by themselves.
        return True


def age_s() -> float:
    """Seconds since this process began, imports and all; 0.0 where the system does not say (no /proc)."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        return round(time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"), 2)
    except (OSError, ValueError, AttributeError):
        return 0.0


def release_expired(cursor: CursorWrapper, now: datetime) -> int:
    """Frees tokens whose lease has ended, with a new fence: whatever the late owner writes is refused (G9)."""
    cursor.execute(
        "UPDATE store_token SET owner = '', lease_until = NULL, fence = fence + 1, due_at = COALESCE(due_at, %s) "
        # The condition as the partial index says it: SQLite sees that both are the same only when they are.
        "WHERE NOT (owner = '') AND lease_until < %s",
        [db_time(now), db_time(now)],
    )
    return int(cursor.rowcount)


def close_orphans(cursor: CursorWrapper, now: datetime, lease_s: float) -> int:
    """Attempts that nobody can finish any more become `unknown` (I7): shown, never hidden (G5)."""
    cursor.execute(
        "UPDATE store_attempt SET state = 'unknown', ended_at = %s, error_class = 'worker_died', message = %s "
        "WHERE state = 'sending' AND started_at < %s AND NOT EXISTS "
        "(SELECT 1 FROM store_token t WHERE t.run_id = store_attempt.run_id AND t.step_id = store_attempt.step_id "
        "AND t.owner <> '') RETURNING id, step_id",
        [db_time(now), _LOST, db_time(now - timedelta(seconds=2 * lease_s))],
    )
    found = cursor.fetchall()
    closed = [row[0] for row in found]
    if closed:
        blocks.abandon(cursor, [row[1] for row in found], now)
        commit.tell_attempts(cursor, closed, now)
    return len(closed)
