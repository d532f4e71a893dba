"""A place for every workspace in each batch, so that one with a long backlog delays no other (G10, F19).

Only a full batch asks for it: half of the batch stays with what is oldest, the other half is shared by the workspaces
that have work. Within a workspace nothing is overtaken (11.4): what is taken of each are its oldest.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence

from django.db.backends.utils import CursorWrapper

# So many workspaces have a place in one batch; with more at work they take turns, batch by batch.
_PLACES = 64
_turns = itertools.count()
# From one workspace to the next by the index, whatever lies between: a look-up for each workspace that has work.
_HEADS = """
WITH RECURSIVE space(id) AS (
  SELECT (SELECT MIN(workspace_id) FROM {table} WHERE {condition})
  UNION ALL
  SELECT (SELECT MIN(workspace_id) FROM {table} WHERE {condition} AND workspace_id > space.id) FROM space WHERE space.id IS NOT NULL
)
SELECT id FROM space WHERE id IS NOT NULL
"""


def workspaces(cursor: CursorWrapper, table: str, condition: str) -> list[str]:
    """The workspaces with rows that meet the condition of a partial index led by the workspace."""
    cursor.execute(_HEADS.format(table=table, condition=condition))
    return [row[0] for row in cursor.fetchall()]


def turn[T](spaces: Sequence[T], limit: int, number: int | None = None) -> tuple[list[T], int]:
    """Whose turn it is in a batch of `limit`, and how many rows each gets; in a row of batches everybody has a turn."""
    places = min(len(spaces), _PLACES, max(1, limit // 2))
    if not places:
        return [], 0
    start = (next(_turns) if number is None else number) * places % len(spaces)
    return [spaces[(start + i) % len(spaces)] for i in range(places)], max(1, limit // 2 // places)


def merged[T: Hashable](oldest: Sequence[T], fair: Sequence[T], limit: int) -> list[T]:
    """All that is fair, filled up with the oldest."""
    kept = list(dict.fromkeys(fair))[:limit]
    known = set(kept)
    return kept + [one for one in oldest if one not in known][: limit - len(kept)]


def union(select: str, count: int) -> str:
    """The same SELECT once for each workspace, as one statement."""
    return " UNION ALL ".join([f"SELECT * FROM ({select}) AS part{number}" for number in range(count)])  # noqa: S608
