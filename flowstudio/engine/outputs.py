"""What may be kept of a value from outside: bounded, storable, without secrets (RELIABILITY F17, SECURITY S24)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

import msgspec

MAX_KEPT = 256 * 1024
MARK = "•••"
CUT = "_cut"
_DEPTH = 64
_SECRET_NAME = re.compile(
    r"(proxy-)?authorization|(set-)?cookie|(x-)?api[-_]?key|password|passwd|(client[-_]?)?secret|"
    r"(access|refresh|auth|bearer|bot)?[-_]?token",
    re.IGNORECASE,
)
_SHORTEST_SECRET = 6
# PostgreSQL's jsonb and text take neither NUL nor half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def text(value: object, limit: int) -> str:
    """A sentence fit for a text column, cut to `limit` characters."""
    plain = _UNSTORABLE.sub("\ufffd", str(value))
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def _number(value: float) -> int | float | None:
    """JSON has neither NaN nor infinity, and PostgreSQL and browsers no integers without end."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if -(2**63) <= value < 2**63:
        return value
    return float(value) if abs(value) < 10**300 else None


def _plain(value: Any, depth: int = 0) -> Any:
    """Any Python value as one that JSON and both databases can hold."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() and "\x00" not in value else _UNSTORABLE.sub("\ufffd", value)
    if value is None or kind is bool:
        return value
    if kind is int and -(2**63) <= value < 2**63:
        return value
    if kind is dict and depth < _DEPTH:
        return {
            key if type(key) is str and key.isascii() and "\x00" not in key else _text(key): _plain(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        if depth >= _DEPTH:
            return "…"
        if isinstance(value, Mapping):
            return {_text(key): _plain(item, depth + 1) for key, item in value.items()}
        return [_plain(item, depth + 1) for item in value]
    text_ = value if isinstance(value, str) else value.isoformat() if hasattr(value, "isoformat") else str(value)
    return _UNSTORABLE.sub("\ufffd", text_)


def _text(key: object) -> str:
    return _UNSTORABLE.sub("\ufffd", str(key))


def _hidden(value: Any, secrets: Collection[str], *, names: bool) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MARK)
        return value
    if isinstance(value, dict):
        return {
            key: MARK
            if names and item and _tells(key) and not isinstance(item, dict | list)
            else _hidden(item, secrets, names=names)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_hidden(item, secrets, names=names) for item in value]
    return value


@lru_cache(maxsize=4_096)
def _tells(name: str) -> bool:
    return _SECRET_NAME.fullmatch(name) is not None


def secrets_of(credential: Mapping[str, str] | None) -> tuple[str, ...]:
    """The values of a credential that must never be kept anywhere."""
    if not credential:
        return ()
    return tuple(v for v in credential.values() if isinstance(v, str) and len(v) >= _SHORTEST_SECRET)


def kept(value: Any, *, secrets: Collection[str] = (), names: bool = False) -> tuple[Any, str | None]:
    """The value as it may be kept, with its JSON text (None for None): the same plain value in memory and in the row.

    `secrets` are taken out wherever they stand; with `names`, so are values under telling names ("Authorization").
    Over 256 KiB only the beginning stays, marked with a sentence under "_cut".
    """
    if value is None:
        return None, None
    if isinstance(value, dict) and not value:
        return {}, "{}"
    plain = _plain(value)
    if secrets or names:
        plain = _hidden(plain, secrets, names=names)
    written = msgspec.json.encode(plain)
    size = len(written)
    if size > MAX_KEPT:
        note = f"This was {size:,} bytes, more than the {MAX_KEPT:,} that are kept; only its beginning is here."
        plain = {CUT: note, "beginning": written[: MAX_KEPT // 2].decode(errors="ignore")}
        written = msgspec.json.encode(plain)
    return plain, written.decode()


def answered(output: Any, *, secrets: Collection[str] = ()) -> tuple[Any, str | None]:
    """A call's output as it may be kept. Headers of answers may carry cookies; what a body holds stays, since later
    steps may need it."""
    if isinstance(output, Mapping) and isinstance(output.get("headers"), Mapping):
        output = {**output, "headers": _hidden(_plain(output["headers"]), (), names=True)}
    return kept(output, secrets=secrets)


def whole(value: Any) -> bool:
    """Whether a kept value is all that it was: nothing cut, nothing hidden."""
    if isinstance(value, str):
        return MARK not in value
    if isinstance(value, Mapping):
        return CUT not in value and all(whole(item) for item in value.values())
    if isinstance(value, list):
        return all(whole(item) for item in value)
    return True


def scrub(sentence: str, secrets: Collection[str]) -> str:
    """A sentence without the secrets."""
    for secret in secrets:
        sentence = sentence.replace(secret, MARK)
    return sentence


def verdicts(given: Collection[Mapping[str, str]]) -> str | None:
    """The delivery gate's verdicts as a step's row keeps them; None where there was no gate."""
    return json.dumps(list(given), ensure_ascii=False, separators=(",", ":")) if given else None
