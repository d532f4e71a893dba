"""JSON, read strictly: what a database or another JSON reader would refuse is refused here, with a sentence (F17)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from flowstudio.domain.errors import InputError, TooLarge

MAX_DEPTH = 64
MAX_KEYS = 1_000
MAX_DIGITS = 100
MAX_STRING = 1024 * 1024
MAX_ITEMS = 100_000


def strict_json(data: bytes) -> Any:
    """The value of a JSON text, or InputError: no NaN, Infinity, NUL, lone surrogate, doubled key or huge number."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    try:
        value = json.loads(
            text, parse_constant=_constant, parse_int=_integer, parse_float=_float, object_pairs_hook=_pairs
        )
    except json.JSONDecodeError as error:
        raise InputError(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise TooLarge(f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    _inspect(value)
    return value


def _constant(name: str) -> Any:
    raise InputError(f"The body contains {name}, which is no JSON number.")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise TooLarge(f"The body contains a number with more than {MAX_DIGITS} digits.")
    return int(text)


def _float(text: str) -> float:
    value = float(text) if len(text) <= MAX_DIGITS else math.inf
    if math.isinf(value):
        raise TooLarge("The body contains a number that is too large.")
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_KEYS:
        raise TooLarge(f"An object in the body has more than {MAX_KEYS} keys.")
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [key for key, _ in pairs]
        doubled = next(key for key in made if names.count(key) > 1)
        raise InputError(f"An object in the body names {doubled[:60]!r} twice.")
    return made


def _inspect(value: Any) -> None:
    """Walks without recursion: depth, texts that no database stores, and lists without end."""
    todo: list[tuple[Any, int]] = [(value, 1)]
    while todo:
        item, depth = todo.pop()
        if isinstance(item, str):
            check_text(item)
        elif isinstance(item, dict | list):
            if depth > MAX_DEPTH:
                raise TooLarge(f"The body is nested deeper than {MAX_DEPTH} levels.")
            if len(item) > MAX_ITEMS:
                raise TooLarge(f"A list in the body has more than {MAX_ITEMS:,} items.")
            if isinstance(item, dict):
                for key in item:
                    check_text(key)
            todo.extend((child, depth + 1) for child in (item.values() if isinstance(item, dict) else item))


def check_text(text: str) -> None:
    """Raises InputError for a text that PostgreSQL or UTF-8 cannot hold."""
    if len(text) > MAX_STRING:
        raise TooLarge("A text in the body is longer than 1 MiB.")
    if "\x00" in text:
        raise InputError("A text contains the character NUL (U+0000), which cannot be stored. Remove it.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InputError("A text contains half of a surrogate pair, which is no character. Remove it.") from None


class StrictJSONParser(BaseParser):
    """DRF's parser for application/json by `strict_json`, bounded by the upload limit."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The request's value; an empty body is an empty object."""
        limit = int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
        data = stream.read(limit + 1)
        if len(data) > limit:
            raise TooLarge(f"The body is larger than {limit // (1024 * 1024)} MiB.")
        return strict_json(data) if data.strip() else {}
