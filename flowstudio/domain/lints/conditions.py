"""What conditions exclude and imply, as far as that can be told from rule groups: never a wrong *yes*.

A row (`field`, `op`, `value`) is compared with rows over the same field; whatever is not understood excludes and implies
nothing. Conditions in CEL are compared as texts alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from flowstudio.domain.rules import MAX_DEPTH, is_group

Row = Mapping[str, Any]
_ORDER = {"gt", "gte", "lt", "lte"}
# Of very wide groups only the first rows are compared with each other.
_MOST = 60


def contradiction(when: object) -> tuple[Row, Row] | None:
    """Two rows that can never hold together where both must; None: none is found."""
    for rows in _all_groups(when, 0):
        for first, second in combinations(rows[:_MOST], 2):
            if excludes(first, second):
                return first, second
    return None


def covers(earlier: object, later: object) -> bool:
    """Whether everybody whom `later` fits is taken by `earlier` already: each row of `earlier` follows from `later`."""
    if isinstance(earlier, str) or isinstance(later, str):
        return isinstance(earlier, str) and isinstance(later, str) and _text(earlier) == _text(later) != ""
    if earlier == later:
        return bool(_rows(earlier))
    wanted, given = _all_of(earlier), _all_of(later)
    if not wanted or not given:
        return False
    return all(any(implies(row, needed) for row in given) for needed in wanted)


def same(first: object, second: object) -> bool:
    """Whether two conditions are one and the same."""
    if isinstance(first, str) and isinstance(second, str):
        return _text(first) == _text(second) != ""
    return not isinstance(first, str) and first == second and bool(_rows(first))


def excludes(first: Row, second: Row) -> bool:
    """Whether no value fits both rows."""
    if first.get("field") != second.get("field") or not first.get("field"):
        return False
    return any(_excludes(a, b) for a, b in ((first, second), (second, first)))


def implies(given: Row, needed: Row) -> bool:
    """Whether every value that fits `given` fits `needed`."""
    if given.get("field") != needed.get("field") or not given.get("field"):
        return False
    op, wanted = given.get("op"), needed.get("op")
    value, limit = given.get("value"), needed.get("value")
    if op == wanted and value == limit:
        return True
    if wanted == "exists":
        return op not in {"not_exists", "ne", "not_in", "not_contains", "is_false", None} or op in _ORDER
    points = _points(given)
    if points is not None:
        return bool(points) and all(_fits(point, needed) for point in points)
    x, y = _number(value), _number(limit)
    if op in _ORDER and wanted in _ORDER | {"ne"} and x is not None and y is not None:
        return _interval_implies(str(op), x, str(wanted), y)
    return False


def _excludes(a: Row, b: Row) -> bool:
    op = a.get("op")
    if op == "not_exists":
        return b.get("op") not in {"not_exists", "ne", "not_in", "not_contains", None}
    points = _points(a)
    if points is not None:
        return bool(points) and not any(_fits(point, b) is not False for point in points)
    x, y = _number(a.get("value")), _number(b.get("value"))
    if x is None or y is None:
        return False
    if op in {"gt", "gte"} and b.get("op") in {"lt", "lte"}:
        return y < x or (y == x and not (op == "gte" and b.get("op") == "lte"))
    return False


def _points(row: Row) -> list[Any] | None:
    """The only values that fit a row, where it names them."""
    op, value = row.get("op"), row.get("value")
    if op == "eq":
        return None if value is None or value == "" else [value]
    if op == "in":
        return list(value) if isinstance(value, list | tuple) else None
    if op in {"is_true", "is_false"}:
        return [op == "is_true"]
    return None


def _fits(point: Any, row: Row) -> bool | None:
    """Whether a value fits a row; None: not known."""
    op, value = row.get("op"), row.get("value")
    if op in {"exists", "not_exists"}:
        return bool(op == "exists")
    if op in {"is_true", "is_false"}:
        return (point is (op == "is_true")) if isinstance(point, bool) else None
    if op in {"eq", "ne"}:
        return None if value in (None, "") else bool(point == value) is (op == "eq")
    if op in {"in", "not_in"}:
        return (point in value) is (op == "in") if isinstance(value, list | tuple) else None
    if isinstance(point, str) and isinstance(value, str) and value:
        if op in {"contains", "not_contains"}:
            return (value in point) is (op == "contains")
        if op == "starts_with":
            return point.startswith(value)
        if op == "ends_with":
            return point.endswith(value)
    x, y = _number(point), _number(value)
    if op in _ORDER and x is not None and y is not None:
        return {"gt": x > y, "gte": x >= y, "lt": x < y, "lte": x <= y}[str(op)]
    return None


def _interval_implies(op: str, value: float, wanted: str, limit: float) -> bool:
    if wanted == "ne":
        return {"gt": value >= limit, "gte": value > limit, "lt": value <= limit, "lte": value < limit}[op]
    if op[0] != wanted[0]:
        return False
    if op[0] == "g":
        return value > limit or (value == limit and (wanted == "gte" or op == "gt"))
    return value < limit or (value == limit and (wanted == "lte" or op == "lt"))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _text(source: str) -> str:
    return re.sub(r"\s+", "", source)


def _rows(rule: object, depth: int = 0) -> list[Row]:
    if depth > MAX_DEPTH or not isinstance(rule, Mapping):
        return []
    if is_group(rule):
        return [row for item in _members(rule) for row in _rows(item, depth + 1)]
    return [rule] if rule.get("field") else []


def _members(group: Mapping[str, Any]) -> list[Any]:
    found = group["all"] if isinstance(group.get("all"), list) else group.get("any")
    return found if isinstance(found, list) else []


def _all_of(rule: object, depth: int = 0) -> list[Row] | None:
    """The rows that must all hold; None where any of several is enough."""
    if depth > MAX_DEPTH or not isinstance(rule, Mapping):
        return None
    if not is_group(rule):
        return [rule] if rule.get("field") else None
    members = _members(rule)
    if not isinstance(rule.get("all"), list) and len(members) != 1:
        return None
    found: list[Row] = []
    for item in members:
        inner = _all_of(item, depth + 1)
        if inner is None:
            return None
        found += inner
    return found


def _all_groups(rule: object, depth: int) -> Iterator[list[Row]]:
    """For each *all* group the rows that must hold together in it, those of *all* groups around it included."""
    if depth > MAX_DEPTH or not is_group(rule) or not isinstance(rule, Mapping):
        return
    members = _members(rule)
    if isinstance(rule.get("all"), list):
        # An inner *any* group is satisfied by one of its rows: it adds nothing that must hold.
        yield [row for item in members for row in (_all_of(item, depth + 1) or [])]
        for item in members:
            yield from _all_groups(item, depth + 1)
    elif len(members) == 1:
        yield from _all_groups(members[0], depth + 1)
