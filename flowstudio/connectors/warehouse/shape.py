"""From payloads to columns: names that every database takes, flat rows, and types that only ever widen. Pure."""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from flowstudio.connectors import wire
from flowstudio.domain.errors import ConnectorError

# `long` is an integer that a double cannot hold exactly; its column is an integer's.
ColumnType = Literal["boolean", "integer", "long", "double", "json", "text"]

MAX_COLUMNS = 300
MAX_ROWS = 1_000
MAX_DEPTH = 4
WORKSPACE = "flowstudio_workspace"
KEY = "flowstudio_key"
SAVED_AT = "flowstudio_saved_at"
OURS = frozenset({WORKSPACE, KEY, SAVED_AT})
EXACT = 2**53
_INT64 = 2**63
_LONGEST = 60


def identifier(name: str, *, what: str = "column") -> str:
    """A lower-case name of ASCII letters, digits and underscores, at most 60 long, that every database takes."""
    latin = "".join(char for char in unicodedata.normalize("NFKD", name.replace("ß", "ss")) if char.isascii())
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", latin.strip()).lower()).strip("_")
    if not plain:
        raise wire.input_error(f"The {what} name {name[:40]!r} has no letters or digits; give it a plain name.")
    if plain[0].isdigit():
        plain = f"c_{plain}"
    if plain.startswith(("sqlite_", "pg_")) or (plain.startswith("flowstudio_") and what == "column"):
        plain = f"c_{plain}"
    if len(plain) > _LONGEST:
        # Two long names that begin alike stay two.
        plain = f"{plain[: _LONGEST - 9].rstrip('_')}_{_digest(plain)}"
    return plain


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def _column(name: str) -> str:
    """A payload's own name as a column: one that has no Latin letters gets a made-up name, and loses nothing."""
    try:
        return identifier(name)
    except ConnectorError:
        return f"c_{_digest(name)}"


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with nested objects spread over columns (`geo.country` → `geo_country`); lists stay JSON.

    Two keys that give the same column: the later value that is not null wins.
    """
    found: dict[str, Any] = {}

    def put(prefix: str, value: Any, depth: int) -> None:
        if isinstance(value, Mapping) and value and depth < MAX_DEPTH:
            for key, inner in value.items():
                put(f"{prefix}_{key}" if prefix else str(key), inner, depth + 1)
            return
        name = _column(prefix)
        if value is not None or name not in found:
            found[name] = value

    put("", row, 0)
    if len(found) > MAX_COLUMNS:
        raise wire.input_error(
            f"The row has {len(found)} columns; a table takes at most {MAX_COLUMNS}. Save fewer fields."
        )
    return found


def type_of(value: Any) -> ColumnType | None:
    """The narrowest type that holds the value; None for null, which fits everywhere."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        if -EXACT <= value <= EXACT:
            return "integer"
        return "long" if -_INT64 <= value < _INT64 else "text"
    if isinstance(value, float):
        return "double" if math.isfinite(value) else "text"
    return "json" if isinstance(value, Mapping | list | tuple) else "text"


def wider(one: ColumnType, other: ColumnType) -> ColumnType:
    """The type that holds both exactly: integer and double → double, every other mix → text."""
    if one == other:
        return one
    pair = {one, other}
    return "long" if pair == {"integer", "long"} else "double" if pair == {"integer", "double"} else "text"


def stored(kind: ColumnType) -> ColumnType:
    """The type of the column that holds such values."""
    return "integer" if kind == "long" else kind


def needed(rows: Sequence[Mapping[str, Any]]) -> dict[str, ColumnType]:
    """Every column of the rows with its type; one that holds only nulls is not needed yet (its type is unknown)."""
    types: dict[str, ColumnType] = {}
    for row in rows:
        for name, value in row.items():
            own = type_of(value)
            if own is not None:
                types[name] = wider(types.get(name, own), own)
    return types


def clean(text: str) -> str:
    """Text that UTF-8 and PostgreSQL take: no NUL, no lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def fitted(value: Any, kind: ColumnType) -> Any:
    """The value as the column's type wants it."""
    if value is None:
        return None
    if kind == "text":
        if isinstance(value, str):
            return clean(value)
        return clean(json.dumps(value, ensure_ascii=False, default=str))
    if kind == "json":
        return _json(value)
    return float(value) if kind == "double" else value


def _json(value: Any) -> str:
    def washed(one: Any) -> Any:
        if isinstance(one, str):
            return clean(one)
        if isinstance(one, Mapping):
            return {clean(str(key)): washed(inner) for key, inner in one.items()}
        if isinstance(one, list | tuple):
            return [washed(inner) for inner in one]
        return None if isinstance(one, float) and not math.isfinite(one) else one

    return json.dumps(washed(value), ensure_ascii=False, default=str)
