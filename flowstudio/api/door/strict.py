"""JSON for the door: fast for honest bodies, strict for the others (RELIABILITY, bounds and F17).

`read` gives the value of a body. What cannot be stored (NaN, Infinity, NUL, half a surrogate pair, a doubled key, a
number without end) raises for a single call; inside a batch it is left in the value as a `Bad`, so that one message of
a hundred can be refused alone.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import msgspec

from flowstudio.domain.errors import InputError, TooLarge

MAX_DEPTH = 64
MAX_KEYS = 1_000
MAX_DIGITS = 100
MAX_TEXT = 1024 * 1024

_decoder = msgspec.json.Decoder()
_KEY = re.compile(rb'"[ \t\r\n]*:')


class Bad:
    """Stands in a value for something that no database can keep; `sentence` says what it was."""

    __slots__ = ("sentence",)

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence


def read(body: bytes) -> tuple[Any, bool]:
    """The value and whether it may hold `Bad`s. Raises InputError for what is not JSON in UTF-8 at all."""
    if body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
    if not body.strip():
        raise InputError("The body is empty: send a JSON object.")
    try:
        value = _decoder.decode(body)
    except UnicodeDecodeError as error:
        raise InputError("The body is not UTF-8. Send JSON encoded as UTF-8.") from error
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return _slow(body), True
    # Each key ends with a quote and a colon, and a text can only add to their number: equal means none is doubled.
    if _colons(body) != _keys(value):
        return _slow(body), True
    return value, False


def _colons(body: bytes) -> int:
    # Where no quote is followed by a blank, every key's colon stands right behind it: counting those is ten times as fast.
    if not any(blank in body for blank in (b'" ', b'"\n', b'"\r', b'"\t')):
        return body.count(b'":')
    return len(_KEY.findall(body))


def _keys(value: Any) -> int:
    count = 0
    todo = [value]
    while todo:
        item = todo.pop()
        if type(item) is dict:
            count += len(item)
            todo.extend(child for child in item.values() if type(child) is dict or type(child) is list)
        elif type(item) is list:
            todo.extend(child for child in item if type(child) is dict or type(child) is list)
    return count


def _slow(body: bytes) -> Any:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise InputError("The body is not UTF-8. Send JSON encoded as UTF-8.") from None
    try:
        return json.loads(
            text, parse_constant=_constant, parse_int=_integer, parse_float=_float, object_pairs_hook=_pairs
        )
    except json.JSONDecodeError as error:
        raise InputError(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise TooLarge(f"The body is nested deeper than {MAX_DEPTH} levels.") from None


def _constant(name: str) -> Bad:
    return Bad(f"it contains {name}, which is no JSON number")


def _integer(text: str) -> Any:
    return int(text) if len(text) <= MAX_DIGITS else Bad(f"it contains a number of more than {MAX_DIGITS} digits")


def _float(text: str) -> Any:
    if len(text) > MAX_DIGITS:
        return Bad(f"it contains a number of more than {MAX_DIGITS} digits")
    value = float(text)
    return value if math.isfinite(value) else Bad(f"it contains {text}, which is too large for a number")


def _pairs(pairs: list[tuple[str, Any]]) -> Any:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    doubled = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    made[doubled] = Bad(f"it names {doubled[:60]!r} twice in one object")
    return made


def problem(value: Any) -> str:
    """Why a message cannot be kept, as the end of a sentence, or ''. Walks without recursion."""
    todo: list[tuple[Any, int]] = [(value, 1)]
    while todo:
        item, depth = todo.pop()
        kind = type(item)
        if kind is str:
            found = _text(item)
            if found:
                return found
        elif kind is dict or kind is list:
            if depth > MAX_DEPTH:
                return f"it is nested deeper than {MAX_DEPTH} levels"
            children = item
            if kind is dict:
                if len(item) > MAX_KEYS:
                    return f"an object in it has more than {MAX_KEYS:,} keys"
                for key in item:
                    found = _text(key)
                    if found:
                        return found
                children = item.values()
            todo.extend((child, depth + 1) for child in children)
        elif kind is Bad:
            return str(item.sentence)
        elif kind is float and not math.isfinite(item):
            return "it contains a number that is too large"
        elif kind is int and abs(item) >= 10**MAX_DIGITS:
            return f"it contains a number of more than {MAX_DIGITS} digits"
    return ""


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        return "a text in it is longer than 1 MiB"
    if "\x00" in text:
        return "a text in it contains the character NUL (U+0000), which cannot be stored"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "a text in it contains half of a surrogate pair, which is no character"
    return ""


def storable(value: Any, depth: int = 0) -> Any:
    """A copy that can be kept and shown: what cannot is replaced by a note of what it was."""
    if isinstance(value, Bad):
        return f"(left out: {value.sentence})"
    if isinstance(value, str):
        return value[:1_000].replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if isinstance(value, dict | list) and depth >= 8:
        return "(left out: nested too deeply)"
    if isinstance(value, dict):
        return {storable(key): storable(child, depth + 1) for key, child in list(value.items())[:50]}
    if isinstance(value, list):
        return [storable(child, depth + 1) for child in value[:50]]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**MAX_DIGITS:
        return "(left out: a number without end)"
    return value
