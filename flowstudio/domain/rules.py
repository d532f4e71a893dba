"""Rule groups (what the rule builder edits) as CEL; `frontend/src/graph/rules.ts` is the same in TypeScript.

A row compares a field (`{field, op, value}`) or counts what a customer did (`{event, op, value, within}`), which is
written `did("Purchase", "30d") >= 2` and can be asked in segments only: a run knows no history.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flowstudio.domain.errors import InputError, ScheduleError
from flowstudio.domain.schedule import parse_duration, say

SYMBOLS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "==", "ne": "!="}
WORDS = {
    "contains": "contains",
    "not_contains": "does not contain",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "in": "is one of",
    "not_in": "is none of",
    "exists": "is known",
    "not_exists": "is unknown",
    "is_true": "is true",
    "is_false": "is false",
    "includes": "includes",
    "not_includes": "does not include",
    "before": "is before",
    "after": "is after",
    "within_last": "is in the last",
    "longer_ago": "is over",
}
TIMES = {
    "gte": "at least",
    "gt": "more than",
    "lte": "at most",
    "lt": "fewer than",
    "eq": "exactly",
    "ne": "not exactly",
}
UNARY = frozenset({"exists", "not_exists", "is_true", "is_false"})
MAX_DEPTH = 10
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?")
_FIELD = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


def is_group(rule: object) -> bool:
    """Whether `rule` is {"all": […]} or {"any": […]}."""
    return isinstance(rule, Mapping) and (isinstance(rule.get("all"), list) or isinstance(rule.get("any"), list))


def _join(group: Mapping[str, Any]) -> str:
    return "all" if isinstance(group.get("all"), list) else "any"


def _literal(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(item) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_literal(str(key))}: {_literal(item)}' for key, item in value.items())}}}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value) if math.isfinite(value) else "null"
    return json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """A number as the browser writes it: 100 for 100.0, 0.00001 and not 1e-05."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    text = repr(float(value))
    if 1e-6 <= abs(value) < 1e-4:
        return format(Decimal(text), "f")
    return re.sub(r"e([+-])0", r"e\1", text)


def said(value: Any) -> str:
    """A value as a person reads it: true, 100, "a, b"; nothing for what is not there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | tuple | Mapping):
        return ", ".join(said(item) for item in value)
    return re.sub(r"\s+", " ", str(value)).strip()


def span(text: object) -> str:
    """A duration as CEL writes one: "30d" is "720h"."""
    try:
        seconds = int(parse_duration(str(text)).total_seconds())
    except ScheduleError as error:
        raise InputError(error.message, fix=error.fix) from None
    size, unit = next((n, u) for n, u in ((3_600, "h"), (60, "m"), (1, "s")) if seconds % n == 0)
    return f"{seconds // size}{unit}"


def moment(text: object) -> str:
    """A date or a time as RFC 3339: a date begins at midnight, and what names no zone is UTC."""
    found = _DATE.fullmatch(str(text))
    if found is None:
        raise InputError(f"“{str(text)[:40]}” is no date.", fix="Write it like 2026-12-31.")
    time, seconds, _, zone = found.groups()
    if time is None:
        return f"{text}T00:00:00Z"
    written = str(text) if zone is None else str(text)[: -len(zone)]
    return f"{written}{'' if seconds else ':00'}{zone or 'Z'}"


def _did(rule: Mapping[str, Any]) -> str:
    event, op, value, within = rule.get("event"), rule.get("op"), rule.get("value", 1), rule.get("within")
    if not isinstance(event, str) or not event.strip():
        raise InputError("A condition has no event.", fix="Choose what the customer did, for example Purchase.")
    if op not in TIMES:
        raise InputError(f"“{str(op)[:40]}” is no comparison.", fix="Choose one from the list.")
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
        raise InputError("How often is no whole number.", fix="Write a number, for example 2.")
    if within:
        span(within)
    when = f", {_literal(within)}" if within else ""
    return f"did({_literal(event)}{when}) {SYMBOLS[op]} {int(value)}"


def asks_history(rule: object) -> bool:
    """Whether a rule counts events anywhere in it, so that only a segment can answer."""
    return any("event" in leaf for leaf in _leaves(rule))


def _leaf(rule: Mapping[str, Any]) -> str:
    if "event" in rule:
        return _did(rule)
    field, op, value = rule.get("field"), rule.get("op"), rule.get("value")
    if not isinstance(field, str) or not _FIELD.fullmatch(field):
        raise InputError("A condition has no field.", fix="Choose what is compared, for example Employees.")
    if op in SYMBOLS:
        return f"{field} {SYMBOLS[op]} {_literal(value)}"
    if op in ("before", "after"):
        return f'timestamp({field}) {"<" if op == "before" else ">"} timestamp("{moment(value)}")'
    if op in ("within_last", "longer_ago"):
        return f'timestamp({field}) {">" if op == "within_last" else "<"} now - duration("{span(value)}")'
    shapes = {
        "includes": f"{_literal(value)} in {field}",
        "not_includes": f"!({_literal(value)} in {field})",
        "contains": f"{field}.contains({_literal(value)})",
        "not_contains": f"!{field}.contains({_literal(value)})",
        "starts_with": f"{field}.startsWith({_literal(value)})",
        "ends_with": f"{field}.endsWith({_literal(value)})",
        "in": f"{field} in {_literal(value)}",
        "not_in": f"!({field} in {_literal(value)})",
        "exists": f"has({field})",
        "not_exists": f"!has({field})",
        "is_true": f"{field} == true",
        "is_false": f"{field} == false",
    }
    if not isinstance(op, str) or op not in shapes:
        raise InputError(f"“{str(op)[:40]}” is no comparison.", fix="Choose one from the list.")
    return shapes[op]


def _rule(rule: Any, *, inside: bool, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise InputError("The groups are nested too deeply.", fix="Use at most ten levels.")
    if not isinstance(rule, Mapping):
        raise InputError("A condition cannot be read.", fix="Delete it and add it again.")
    if not is_group(rule):
        return _leaf(rule)
    join = _join(rule)
    members = rule[join]
    if not members:
        return "true" if join == "all" else "false"
    several = len(members) > 1
    text = (" && " if join == "all" else " || ").join(
        _rule(item, inside=inside or several, depth=depth + 1) for item in members
    )
    return f"({text})" if inside and several else text


def to_cel(group: Mapping[str, Any]) -> str:
    """A rule group as one CEL expression; raises InputError with a sentence when a row is unfinished."""
    return _rule(group, inside=False, depth=0)


def _name(path: str) -> str:
    words = re.sub(r"[_-]+", " ", path.rsplit(".", maxsplit=1)[-1]).strip()
    return words[:1].upper() + words[1:]


def leaf_words(rule: Mapping[str, Any]) -> str:
    """One row in words and signs: "Employees > 100"."""
    op, value = str(rule.get("op", "")), rule.get("value")
    if "event" in rule:
        return _did_words(rule)
    sign = {"ne": "is not", "eq": "is"}.get(op) or SYMBOLS.get(op) or WORDS.get(op, op)
    name = _name(str(rule.get("field", "")))
    if op in UNARY:
        return f"{name} {sign}"
    if op in ("within_last", "longer_ago"):
        return f"{name} {sign} {say(said(value))}{' ago' if op == 'longer_ago' else ''}"
    return f"{name} {sign} {said(value)}".strip()


def _did_words(rule: Mapping[str, Any]) -> str:
    event, op, value = str(rule.get("event") or "…"), str(rule.get("op", "gte")), rule.get("value", 1)
    when = f" in {say(str(rule['within']))}" if rule.get("within") else ""
    if (op, value) in (("gte", 1), ("gt", 0)):
        return f"Did {event}{when}"
    if (op, value) in (("eq", 0), ("lt", 1), ("lte", 0)):
        return f"Did not do {event}{when}"
    return f"Did {event} {TIMES.get(op, op)} {said(value)} {'time' if value == 1 else 'times'}{when}"


def _leaves(rule: Any, depth: int = 0) -> list[Mapping[str, Any]]:
    if depth > MAX_DEPTH:
        return []
    if is_group(rule):
        return [leaf for item in rule[_join(rule)] for leaf in _leaves(item, depth + 1)]
    return [rule] if isinstance(rule, Mapping) else []


def first_rule(when: object) -> str:
    """The first condition of a case, with how many more there are."""
    if isinstance(when, str):
        return re.sub(r"\s+", " ", when.replace("customer.traits.", ""))
    if not is_group(when):
        return ""
    leaves = _leaves(when)
    if not leaves or not (leaves[0].get("field") or leaves[0].get("event")):
        return ""
    first = leaf_words(leaves[0])
    return f"{first} and {len(leaves) - 1} more" if len(leaves) > 1 else first
