"""The two databases a warehouse can be: an SQLite file of its own, or PostgreSQL by URL.

Each dialect opens a connection and answers four questions in SQL: what columns a table has, how to make one, how to
add a column, how to widen one. Names come from `shape.identifier` and are quoted besides; values are always bound.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

import psycopg
from psycopg import conninfo, pq

from flowstudio.connectors.warehouse import shape
from flowstudio.connectors.warehouse.shape import ColumnType

# Tries, 50 ms apart.
_OPENINGS = 100

Cursor = Any


class Dialect(Protocol):
    """What `Warehouse` needs of a database."""

    mark: str
    names: ClassVar[Mapping[ColumnType, str]]

    def transaction(self) -> contextlib.AbstractContextManager[Cursor]:
        """A cursor in one transaction: committed at the end, rolled back on an error."""
        ...

    def lock(self, cursor: Cursor, table: str) -> None:
        """Let only one transaction at a time change this table's shape."""
        ...

    def columns(self, cursor: Cursor, table: str) -> dict[str, ColumnType]:
        """The table's columns and types as they stand; empty when there is no such table."""
        ...

    def widen(self, cursor: Cursor, table: str, column: str, old: ColumnType, new: ColumnType) -> None:
        """Change a column's type, keeping what is in it."""
        ...

    def bound(self, kind: ColumnType) -> str:
        """The placeholder for a value of this type."""
        ...

    def version(self, cursor: Cursor) -> int:
        """A number that changes whenever any table's shape may have been changed by somebody else; 0 when the database
        refuses values of a wrong type itself."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


def quoted(name: str) -> str:
    """The name as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


class Sqlite:
    """A file in WAL mode; one writer at a time in this process, others by SQLite's own lock."""

    mark = "?"
    names: ClassVar[Mapping[ColumnType, str]] = {
        "boolean": "BOOLEAN",
        "integer": "BIGINT",
        "long": "BIGINT",
        "double": "DOUBLE",
        "json": "JSON_TEXT",
        "text": "TEXT",
    }

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._turn = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
        # SQLite's own CAST rounds a double to 15 digits.
        self._connection.create_function("as_text", 1, lambda value: shape.fitted(value, "text"), deterministic=True)
        try:
            self._to_wal()
            self._connection.execute("PRAGMA synchronous=FULL")
        except sqlite3.Error:
            self._connection.close()
            raise

    def _to_wal(self) -> None:
        """Two that open a new file at once: SQLite refuses the second one's change of mode without waiting."""
        for chance in range(_OPENINGS):
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or chance == _OPENINGS - 1:
                    raise
                time.sleep(0.05)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """BEGIN IMMEDIATE … COMMIT."""
        with self._turn:
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    def lock(self, cursor: Cursor, table: str) -> None:
        """BEGIN IMMEDIATE already holds the whole file."""

    def columns(self, cursor: Cursor, table: str) -> dict[str, ColumnType]:
        """From the declared types."""
        known = {declared: shape.stored(kind) for kind, declared in self.names.items()}
        cursor.execute(f"PRAGMA table_info({quoted(table)})")
        return {row[1]: known.get(row[2].upper(), "text") for row in cursor.fetchall()}

    def widen(self, cursor: Cursor, table: str, column: str, old: ColumnType, new: ColumnType) -> None:
        """A new column takes the old one's place; indexes over it are made again."""
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type='index' AND tbl_name=? AND sql IS NOT NULL", [table]
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {quoted(name)}")
        place, kept = quoted(table), quoted(column)
        as_text = f"CASE {kept} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END" if old == "boolean" else f"as_text({kept})"
        value = f"CAST({kept} AS REAL)" if new == "double" else as_text
        cursor.execute(f'ALTER TABLE {place} ADD COLUMN "flowstudio_wider" {self.names[new]}')
        cursor.execute(f'UPDATE {place} SET "flowstudio_wider" = {value}')  # noqa: S608
        cursor.execute(f"ALTER TABLE {place} DROP COLUMN {kept}")
        cursor.execute(f'ALTER TABLE {place} RENAME COLUMN "flowstudio_wider" TO {kept}')
        for _, sql in indexes:
            cursor.execute(sql)

    def bound(self, kind: ColumnType) -> str:
        """A bare placeholder."""
        return "?"

    def version(self, cursor: Cursor) -> int:
        """SQLite's own count of shape changes: it would take a value of a wrong type without a word."""
        cursor.execute("PRAGMA schema_version")
        return int(cursor.fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()


class Postgres:
    """A PostgreSQL database: as many connections as there are saves at once."""

    mark = "%s"
    names: ClassVar[Mapping[ColumnType, str]] = {
        "boolean": "boolean",
        "integer": "bigint",
        "long": "bigint",
        "double": "double precision",
        "json": "jsonb",
        "text": "text",
    }

    def __init__(self, url: str) -> None:
        try:
            conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            # The driver's own words repeat the address, password included.
            raise OSError("FLOWSTUDIO_WAREHOUSE_URL is no PostgreSQL address") from None
        self._url = url
        self._idle: list[psycopg.Connection] = []

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """One transaction on a connection of its own; a lock is waited for 20 s at most."""
        connection = self._taken()
        try:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '20s'; SET LOCAL statement_timeout = '25s'")
                yield cursor
        finally:
            if connection.closed or connection.info.transaction_status is not pq.TransactionStatus.IDLE:
                connection.close()
            else:
                self._idle.append(connection)

    def _taken(self) -> psycopg.Connection:
        """An idle connection that still answers (a server that was started anew costs no save), or a new one."""
        while self._idle:
            connection = self._idle.pop()
            try:
                connection.execute("SELECT 1")
            except psycopg.Error:
                connection.close()
            else:
                return connection
        return psycopg.connect(self._url, autocommit=True, connect_timeout=5)

    def lock(self, cursor: Cursor, table: str) -> None:
        """An advisory lock on the table's name, until the transaction's end."""
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 20260720))", [f"flowstudio:{table}"])

    def columns(self, cursor: Cursor, table: str) -> dict[str, ColumnType]:
        """From the catalogue of the schema that is written to."""
        known = {declared: shape.stored(kind) for kind, declared in self.names.items()}
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s",
            [table],
        )
        return {name: known.get(kind, "text") for name, kind in cursor.fetchall()}

    def widen(self, cursor: Cursor, table: str, column: str, old: ColumnType, new: ColumnType) -> None:
        """ALTER … TYPE … USING; indexes follow by themselves."""
        kept = quoted(column)
        cursor.execute(
            f"ALTER TABLE {quoted(table)} ALTER COLUMN {kept} TYPE {self.names[new]} USING {kept}::{self.names[new]}"
        )

    def bound(self, kind: ColumnType) -> str:
        """Values are cast, so that an untyped null or JSON text finds its type."""
        return f"%s::{self.names[kind]}"

    def version(self, cursor: Cursor) -> int:
        """A value of a wrong type is an error there, and what was remembered is then read again."""
        return 0

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()
