"""The warehouse: rows into real tables that are made, and widened, as payloads need.

Safe under concurrency: a row and the change of shape it needs are one transaction, shape changes take turns, and the
write is an upsert over a unique index, so that a repeat (same key columns, or same effect key) changes nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowstudio.connectors import wire
from flowstudio.connectors.warehouse import dialects, faults, shape
from flowstudio.connectors.warehouse.dialects import Cursor, Dialect, quoted
from flowstudio.connectors.warehouse.shape import ColumnType
from flowstudio.domain.errors import ConnectorError


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """What a save did: how many rows, into which table, and which columns it had to add."""

    rows: int
    table: str
    columns_added: tuple[str, ...]


class Warehouse:
    """Saves rows into an SQLite file (a path) or PostgreSQL (a `postgresql://` URL); opened at the first save."""

    def __init__(self, url_or_path: str | Path) -> None:
        self._target = url_or_path
        self._dialect: Dialect | None = None
        self._opening = threading.Lock()
        self._shapes: dict[str, dict[str, ColumnType]] = {}
        self._version = 0
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="warehouse")

    async def save(
        self,
        table: str,
        rows: Sequence[Mapping[str, Any]],
        key_columns: Sequence[str] = (),
        *,
        workspace: str = "",
        effect_key: str = "",
    ) -> Saved:
        """Insert the rows, or update those whose `key_columns` are already there (within the workspace).

        Without key columns each row is kept once for each `effect_key`, the step's own, so that a repeated try does
        not double it.
        """
        if not rows or len(rows) > shape.MAX_ROWS:
            raise wire.input_error(f"There must be 1 to {shape.MAX_ROWS} rows to save, not {len(rows)}.")
        name = shape.identifier(table, what="table")
        keys = tuple(dict.fromkeys(shape.identifier(key) for key in key_columns))
        plain: list[dict[str, Any]] = []
        for number, row in enumerate(rows):
            one = shape.flat(row)
            missing = [key for key in keys if one.get(key) is None]
            if missing:
                raise wire.input_error(f"The row has no value for its key column {missing[0]!r}.")
            one[shape.WORKSPACE] = workspace
            one[shape.KEY] = _row_key(one, keys, effect_key, number)
            one[shape.SAVED_AT] = datetime.now(UTC).isoformat()
            plain.append(one)
        loop = asyncio.get_running_loop()
        added = await loop.run_in_executor(self._threads, self._save, name, plain)
        return Saved(rows=len(plain), table=name, columns_added=added)

    def close(self) -> None:
        """Wait for saves under way and close the database."""
        self._threads.shutdown(wait=True)
        if self._dialect is not None:
            self._dialect.close()
            self._dialect = None

    def _opened(self) -> Dialect:
        with self._opening:
            if self._dialect is None:
                text = str(self._target)
                remote = text.startswith(("postgresql://", "postgres://"))
                self._dialect = dialects.Postgres(text) if remote else dialects.Sqlite(Path(text))
            return self._dialect

    def _save(self, table: str, rows: list[dict[str, Any]]) -> tuple[str, ...]:
        try:
            dialect = self._opened()
            for chance in (1, 2, 3):
                try:
                    return self._try(dialect, table, rows)
                except faults.ERRORS as error:
                    self._shapes.pop(table, None)
                    if chance == 3 or not faults.changed_meanwhile(error):
                        raise
        except faults.ERRORS as error:
            why = faults.refusal(error)
            raise ConnectorError(
                f"The warehouse could not save into {table!r}{f': {why}' if why else ''}.",
                error_class="warehouse",
                retryable=True,
                sent="no",
                detail=f"{type(error).__name__}: {error}".split("\n")[0][: wire.MAX_DETAIL],
            ) from None
        raise AssertionError("unreachable")  # pragma: no cover

    def _try(self, dialect: Dialect, table: str, rows: list[dict[str, Any]]) -> tuple[str, ...]:
        wanted = shape.needed(rows)
        added: tuple[str, ...] = ()
        with dialect.transaction() as cursor:
            if dialect.version(cursor) != self._version:
                self._shapes.clear()
            present = self._shapes.get(table)
            if present is None or not _fits(present, wanted):
                dialect.lock(cursor, table)
                present, added = _reshaped(dialect, cursor, table, wanted)
            # Rows that share their columns go in one statement.
            groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
            for row in rows:
                # A null for a column that does not exist needs no column.
                groups.setdefault(tuple(name for name in row if name in present), []).append(row)
            for columns, members in groups.items():
                values = [[shape.fitted(row[name], present[name]) for name in columns] for row in members]
                cursor.executemany(_upsert(dialect, table, columns, present), values)
            self._shapes[table], self._version = present, dialect.version(cursor)
        return added


def _row_key(row: Mapping[str, Any], keys: tuple[str, ...], effect_key: str, number: int) -> str:
    """What makes the row unique: its key columns' values, or the effect's key and its place."""
    if keys:
        parts = (f"{key}={shape.fitted(row[key], 'text')}" for key in sorted(keys))
        # Doubled inside a value, so that no value can look like two.
        text = "\x1f".join(part.replace("\x1f", "\x1f\x1f") for part in parts)
    else:
        text = f"effect\x1f{effect_key}\x1f{number}"
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _fits(present: Mapping[str, ColumnType], wanted: Mapping[str, ColumnType]) -> bool:
    return all(
        name in present and shape.stored(shape.wider(present[name], kind)) == present[name]
        for name, kind in wanted.items()
    )


def _reshaped(
    dialect: Dialect, cursor: Cursor, table: str, wanted: Mapping[str, ColumnType]
) -> tuple[dict[str, ColumnType], tuple[str, ...]]:
    present = dialect.columns(cursor, table)
    place = quoted(table)
    if not present:
        text = dialect.names["text"]
        fixed = ", ".join(f"{quoted(name)} {text} NOT NULL" for name in (shape.WORKSPACE, shape.KEY, shape.SAVED_AT))
        cursor.execute(f"CREATE TABLE {place} ({fixed})")
        present = dialect.columns(cursor, table)
    index = quoted(f"fs_{hashlib.sha256(table.encode()).hexdigest()[:24]}")
    if not set(shape.OURS) <= set(present):
        raise wire.input_error(
            f"The table {table!r} was not made by flowstudio and is left alone. Choose another table name."
        )
    cursor.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {place} ({quoted(shape.WORKSPACE)}, {quoted(shape.KEY)})"
    )
    if len(set(present) | set(wanted)) > shape.MAX_COLUMNS + len(shape.OURS):
        raise wire.input_error(f"The table {table!r} would get more than {shape.MAX_COLUMNS} columns.")
    added: list[str] = []
    for name, kind in wanted.items():
        if name not in present:
            cursor.execute(f"ALTER TABLE {place} ADD COLUMN {quoted(name)} {dialect.names[kind]}")
            added.append(name)
            present[name] = shape.stored(kind)
        elif (new := shape.stored(shape.wider(present[name], kind))) != present[name]:
            if (present[name], new) == ("integer", "double") and _has_long(cursor, place, name):
                new = "text"
            dialect.widen(cursor, table, name, present[name], new)
            present[name] = new
    return present, tuple(added)


def _has_long(cursor: Cursor, place: str, column: str) -> bool:
    """Whether the integers there include one that a double would round."""
    kept = quoted(column)
    where = f"{kept} > {shape.EXACT} OR {kept} < -{shape.EXACT}"
    cursor.execute(f"SELECT 1 FROM {place} WHERE {where} LIMIT 1")  # noqa: S608 - names are ours
    return cursor.fetchone() is not None


def _upsert(dialect: Dialect, table: str, columns: Sequence[str], types: Mapping[str, ColumnType]) -> str:
    names = ", ".join(map(quoted, columns))
    marks = ", ".join(dialect.bound(types[name]) for name in columns)
    unique = f"{quoted(shape.WORKSPACE)}, {quoted(shape.KEY)}"
    changed = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in columns if name not in shape.OURS)
    also = f"{changed}, " if changed else ""
    return (
        f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks}) ON CONFLICT ({unique})"  # noqa: S608 - names are ours
        f" DO UPDATE SET {also}{quoted(shape.SAVED_AT)} = excluded.{quoted(shape.SAVED_AT)}"
    )
