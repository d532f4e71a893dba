"""Values between Python and hand-written SQL, the same on SQLite and PostgreSQL.

Hot paths use `connection.cursor()` with `%s` and `executemany`; these functions adapt what the two databases store
differently (SQLite keeps times as UTC text and JSON as text).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import DatabaseError, connection
from django.utils.dateparse import parse_datetime


def db_time(value: datetime | None) -> Any:
    """An aware datetime as a parameter for the default database."""
    if value is None:
        return None
    if connection.vendor == "sqlite" and value.tzinfo is UTC:
        # As Django writes it, at a third of the price: this is asked a dozen times for each step of each run.
        return str(value)[:-6]
    return connection.ops.adapt_datetimefield_value(value)


def from_db_time(value: Any) -> datetime | None:
    """What a raw SELECT gave back, as an aware UTC datetime."""
    if value is None:
        return None
    # SQLite's driver already parses columns that it knows to hold times, without their zone.
    parsed = value if isinstance(value, datetime) else parse_datetime(value)
    if parsed is None:
        raise ValueError(f"not a time in the database: {value!r}")
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def db_json(value: Any) -> str | None:
    """A plain value as JSON text; both databases take text for a JSON column."""
    return None if value is None else msgspec.json.encode(value).decode()


def from_db_json(value: Any) -> Any:
    """What a raw SELECT gave back for a JSON column, as a plain value."""
    if not isinstance(value, str | bytes):
        return value
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        # Rows written by a more lenient writer (halves of surrogate pairs, numbers without end).
        return json.loads(value)


@contextmanager
def reading() -> Iterator[None]:
    """Every SELECT inside sees the database as it stood at the first of them, and no writer is held up.

    Django's `atomic` would do the opposite on SQLite: take the one writers' lock (`transaction_mode` IMMEDIATE). Only
    for reads, on a connection that is in no transaction; inside one, that transaction's own view is used.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        try:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        except DatabaseError:
            # The connection itself is gone; what was read or raised inside says more than this.
            connection.close()
