"""Rule groups (what the rule builder edits) as CEL; `frontend/src/graph/rules.ts` is the same in TypeScript."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
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


def _members(group: Mapping[str, Any]) -> list[Any]:
    members = group["all"] if "all" in group else group["any"]
    return members if isinstance(members, list) else []


def _literal(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(item) for item in value)}]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)


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
    members = _members(rule)
    if not members:
        return "true" if "all" in rule else "false"
    several = len(members) > 1
    text = (" && " if "all" in rule else " || ").join(_rule(item, inside=several, depth=depth + 1) for item in members)
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
    said = ", ".join(str(item) for item in value) if isinstance(value, list) else "" if value is None else str(value)
    return f"{name} {sign} {said}".strip()


def _leaves(rule: Any, depth: int = 0) -> list[Mapping[str, Any]]:
    if depth > MAX_DEPTH:
        return []
    if is_group(rule):
        return [leaf for item in _members(rule) for leaf in _leaves(item, depth + 1)]
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
