"""Rule groups (what the rule builder edits) as CEL; `frontend/src/graph/rules.ts` is the same in TypeScript."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flowstudio.domain.errors import InputError

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
}
UNARY = frozenset({"exists", "not_exists", "is_true", "is_false"})
MAX_DEPTH = 10
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


def _leaf(rule: Mapping[str, Any]) -> str:
    field, op, value = rule.get("field"), rule.get("op"), rule.get("value")
    if not isinstance(field, str) or not _FIELD.fullmatch(field):
        raise InputError("A condition has no field.", fix="Choose what is compared, for example Employees.")
    if op in SYMBOLS:
        return f"{field} {SYMBOLS[op]} {_literal(value)}"
    shapes = {
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
    sign = {"ne": "is not", "eq": "is"}.get(op) or SYMBOLS.get(op) or WORDS.get(op, op)
    name = _name(str(rule.get("field", "")))
    if op in UNARY:
        return f"{name} {sign}"
    return f"{name} {sign} {said(value)}".strip()


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
    if not leaves or not leaves[0].get("field"):
        return ""
    first = leaf_words(leaves[0])
    return f"{first} and {len(leaves) - 1} more" if len(leaves) > 1 else first
