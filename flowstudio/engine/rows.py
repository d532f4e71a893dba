"""Many rows in one statement, the same on SQLite and PostgreSQL: the hot paths' INSERT and UPDATE."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

# SQLite allows 32,766 parameters in a statement; a chunk stays well below for any of our tables.
_PARAMETERS = 20_000


def chunks[T](items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """The items in pieces that fit into one IN (…)."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def marks(count: int) -> str:
    """The inside of an IN (…) for so many values."""
    return ", ".join(["%s"] * count)


def insert(
    cursor: CursorWrapper,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    skip_conflicts: bool = False,
    returning: str = "",
) -> set[Any]:
    """Inserts the rows; with `skip_conflicts` a row that some unique constraint refuses is left out.

    With `returning` gives that column of the rows that are really new. Table and column names come from our code only.
    """
    made: set[Any] = set()
    one = "(" + ", ".join(["%s"] * len(columns)) + ")"
    for chunk in chunks(rows, _PARAMETERS // len(columns)):
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(chunk))}"  # noqa: S608
        if skip_conflicts:
            sql += " ON CONFLICT DO NOTHING"
        if returning:
            sql += f" RETURNING {returning}"
        cursor.execute(sql, [value for row in chunk for value in row])
        if returning:
            made.update(row[0] for row in cursor.fetchall())
    return made


def update(
    cursor: CursorWrapper,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    types: Sequence[str],
    key: str = "id",
    where: str = "",
    extra: str = "",
    returning: str = "",
) -> set[Any]:
    """Gives each row its own values: the first value of a row is its key, the others go into `columns`.

    `types` are PostgreSQL's names for key and columns (SQLite needs none). `where` may compare `t.` (the row) with
    `v.` (the new values; a column that starts with "=" is only compared). `extra` is a SET clause common to all.
    """
    done: set[Any] = set()
    cast = connection.vendor == "postgresql"
    names = [key, *(name.lstrip("=") for name in columns)]
    one = "(" + ", ".join(f"%s::{kind}" if cast else "%s" for kind in types) + ")"
    sets = [f"{name} = v.{name}" for name in columns if not name.startswith("=")]
    if extra:
        sets.append(extra)
    for chunk in chunks(rows, _PARAMETERS // len(names)):
        sql = (
            f"WITH v({', '.join(names)}) AS (VALUES {', '.join([one] * len(chunk))}) "  # noqa: S608
            f"UPDATE {table} AS t SET {', '.join(sets)} FROM v WHERE t.{key} = v.{key}"
        )
        if where:
            sql += f" AND {where}"
        if returning:
            sql += f" RETURNING {returning if cast else returning.removeprefix('t.')}"
        cursor.execute(sql, [value for row in chunk for value in row])
        if returning:
            done.update(row[0] for row in cursor.fetchall())
    return done
