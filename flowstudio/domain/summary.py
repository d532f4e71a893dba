"""The one computed sentence of a card, from its type's format string; `frontend/src/graph/summary.ts` is its mirror."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flowstudio.domain.rules import first_rule
from flowstudio.domain.schedule import say

LIMIT = 30
_PART = re.compile(r"\{([A-Za-z_][\w.]*)(?::([a-z]+))?\}")


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(str(key) for key in value)
    return re.sub(r"\s+", " ", str(value)).strip()


def _first(value: Any) -> str:
    if isinstance(value, Mapping):
        return next((str(key) for key in value), "")
    if not isinstance(value, list | tuple):
        return _plain(value)
    if not value:
        return ""
    item = value[0]
    if not isinstance(item, Mapping):
        return _plain(item)
    said = item.get("name") or (item.get("event") if "when" not in item else first_rule(item["when"])) or ""
    return f"{said} and {len(value) - 1} more" if len(value) > 1 else str(said)


_FILTERS: Mapping[str, Callable[[Any], str]] = {
    "": _plain,
    "duration": lambda value: say(_plain(value)),
    "first": _first,
    "quoted": lambda value: f"“{_plain(value)}”" if _plain(value) else "",
    "count": lambda value: str(len(value)) if isinstance(value, list | tuple | Mapping) else "0",
}


def full(format: str, config: Mapping[str, Any]) -> str:  # noqa: A002 the catalogue's word
    """The whole sentence; a part that is not filled in yet shows as …"""

    def fill(found: re.Match[str]) -> str:
        value: Any = config
        for key in found.group(1).split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return _FILTERS.get(found.group(2) or "", _plain)(value) or "…"

    return _PART.sub(fill, format).strip()


def summarise(format: str, config: Mapping[str, Any]) -> str:  # noqa: A002 the catalogue's word
    """The sentence in at most 30 characters, cut with an ellipsis."""
    text = full(format, config)
    return text if len(text) <= LIMIT else text[: LIMIT - 1].rstrip() + "…"
