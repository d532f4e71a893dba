"""The one computed sentence of a card, from its type's format string; `frontend/src/graph/summary.ts` is its mirror."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from flowstudio.domain.rules import first_rule, said
from flowstudio.domain.schedule import say
from flowstudio.domain.until_words import until

LIMIT = 30
# Liquid in a value, as somebody would say it: what it prints by its name, what it decides not at all.
_PRINTED = re.compile(r"\{\{-?([^{}]*?)-?\}\}")
_DECIDED = re.compile(r"\{%[^{}]*?%\}")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_WORDS = {"email": "e-mail", "id": "ID", "url": "URL"}
_PART = re.compile(r"\{([A-Za-z_][\w.]*)(?::([a-z]+))?\}")


def _first(value: Any) -> str:
    if isinstance(value, Mapping):
        return next((str(key) for key in value), "")
    if not isinstance(value, list | tuple):
        return said(value)
    if not value:
        return ""
    item = value[0]
    if not isinstance(item, Mapping):
        return said(item)
    first = said(item.get("name") or (item.get("event") if "when" not in item else first_rule(item["when"])))
    return f"{first} and {len(value) - 1} more" if len(value) > 1 else first


def spoken(text: str) -> str:
    """A template as its author would say it: `{{ customer.email }}` is "customer's e-mail"."""
    if "{" not in text:
        return text
    words = _PRINTED.sub(lambda found: _name(found.group(1)), _DECIDED.sub("", text))
    return re.sub(r" {2,}", " ", words).strip(" ")


def _name(expression: str) -> str:
    path = expression.split("|", 1)[0].strip(" ")
    if not _PATH.fullmatch(path):
        return "…"
    keys = path.split(".")
    last = _WORDS.get(keys[-1], keys[-1].replace("_", " ").strip(" ")) or "…"
    return f"{keys[0]}'s {last}" if len(keys) == 2 and keys[0] in ("customer", "event") else last


def _spoken(value: Any) -> str:
    return spoken(said(value))


def shares(value: Any) -> str:
    """Arms with their shares: "A 50 %, B 50 %"."""
    arms = [arm for arm in value if isinstance(arm, Mapping)] if isinstance(value, list | tuple) else []
    weights = [_weight(arm.get("weight")) for arm in arms]
    total = sum(weights)
    if not total:
        return ""
    names = [said(arm.get("name")) or f"Arm {index + 1}" for index, arm in enumerate(arms)]
    return ", ".join(f"{name} {_percent(part / total)} %" for name, part in zip(names, weights, strict=True))


def _weight(value: Any) -> float:
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
    return number if math.isfinite(number) and number > 0 else 0.0


def _percent(share: float) -> str:
    tenths = math.floor(share * 1_000 + 0.5)
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def _join(value: Any, config: Mapping[str, Any]) -> str:
    """What a Join waits for, from its whole config: "All arms", "2 arms"."""
    if value == "count":
        return f"{said(2 if config.get('count') is None else config['count'])} arms"
    return "The first arm" if value == "any" else "All arms"


_FILTERS: Mapping[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "": lambda value, _: _spoken(value),
    "duration": lambda value, _: say(said(value)),
    "first": lambda value, _: spoken(_first(value)),
    "quoted": lambda value, _: f"“{_spoken(value)}”" if _spoken(value) else "",
    "shares": lambda value, _: shares(value),
    "join": _join,
    "came": lambda value, _: "leaves" if value == "leave" else "comes in",
    "startmode": lambda value, _: "Wait until it has ended" if value == "wait" else "And go on at once",
    "until": lambda _, config: until(config),
    "count": lambda value, _: str(len(value)) if isinstance(value, list | tuple | Mapping) else "0",
}


def full(format: str, config: Mapping[str, Any]) -> str:  # noqa: A002 the catalogue's word
    """The whole sentence; a part that is not filled in yet shows as …"""

    def fill(found: re.Match[str]) -> str:
        value: Any = config
        for key in found.group(1).split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return _FILTERS.get(found.group(2) or "", _FILTERS[""])(value, config) or "…"

    return _PART.sub(fill, format).strip()


def summarise(format: str, config: Mapping[str, Any]) -> str:  # noqa: A002 the catalogue's word
    """The sentence in at most 30 characters, cut with an ellipsis."""
    text = full(format, config)
    return text if len(text) <= LIMIT else text[: LIMIT - 1].rstrip() + "…"
