"""After a restore: nothing moves until a person has decided, and what they took for done is not sent again (G14)."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper


def held(cursor: CursorWrapper) -> bool:
    """Whether a restored backup waits for a decision."""
    cursor.execute("SELECT 1 FROM store_restore WHERE decided_at IS NULL LIMIT 1")
    return cursor.fetchone() is not None


def taken_for_done(cursor: CursorWrapper) -> frozenset[str]:
    """Keys of effects that were sent after the backup was taken, as a person decided."""
    cursor.execute("SELECT key FROM store_doubt WHERE choice = 'done'")
    return frozenset(row[0] for row in cursor.fetchall())
