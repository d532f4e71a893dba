"""What a database's error means: try again with fresh knowledge of the table, or a sentence for the operator."""

from __future__ import annotations

import sqlite3

import psycopg

ERRORS: tuple[type[Exception], ...] = (sqlite3.Error, psycopg.Error, OSError)


def refusal(error: Exception) -> str:
    """Why the database does not let anybody write at all, as the end of a sentence; '' for any other error."""
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return {"42501": "its user may not make or change tables there", "25006": "it can only be read",
                "53100": "its disk is full"}.get(error.sqlstate, "")  # fmt: skip
    text = str(error)
    if isinstance(error, psycopg.OperationalError | OSError) or "unable to open" in text:
        return "it cannot be reached or opened; check FLOWSTUDIO_WAREHOUSE_URL"
    said = {
        "readonly": "it can only be read",
        "is full": "its disk is full",
        "not a database": "its file is no database",
    }
    return next((why for part, why in said.items() if part in text), "")


def changed_meanwhile(error: Exception) -> bool:
    """True when the error says that the table is not (or no longer) what we remembered."""
    if isinstance(error, psycopg.Error):
        # undefined table or column, wrong type for a column, no matching unique index, made by another at once
        return error.sqlstate in (
            "42P01",
            "42703",
            "42804",
            "42P10",
            "42P07",
            "42701",
            "23505",
            "22P02",
            "0A000",
            "XX000",
        )
    text = str(error)
    return isinstance(error, sqlite3.OperationalError) and any(
        part in text
        for part in ("no such table", "no column named", "has no column", "ON CONFLICT clause", "no such column")
    )
