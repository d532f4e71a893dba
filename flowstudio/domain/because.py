"""Why a branch went as it did, in a whole sentence: "employees is 540, more than 100".

The step's own `reason` is short enough for a line on the canvas ("employees 540 > 100"); beside it, where there is room,
stands this. Each clause is judged once more on the values that the step read, so that the sentence cannot say what was
not so; what is too involved for it is left to the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flowstudio.domain import expression
from flowstudio.domain.errors import InputError
from flowstudio.domain.nodes.branch import Branch, source
from flowstudio.domain.rules import said

_MOST = 3
_CLAUSE = re.compile(
    r"""\s*\(*\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\s*(==|!=|>=|<=|>|<)\s*(-?[0-9.]+|"[^"\\]*"|'[^'\\]*'|true|false)\s*\)*\s*"""
)
_SIGNS = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}


def because(config: Any, port: str, reads: Mapping[str, Any]) -> str:
    """The sentence for a branch that was left by `port` on these values; '' where there is none to be had."""
    if not isinstance(config, Branch):
        return ""
    told = []
    for case in config.cases:
        if case.id == port:
            return _case(case.when, reads, matched=True)
        told.append(_case(case.when, reads, matched=False))
    if not told or not all(told):
        return ""
    kept = list(dict.fromkeys(told))
    return "; ".join(kept) if len(kept) <= _MOST else ""


def _case(when: str | Mapping[str, Any], reads: Mapping[str, Any], *, matched: bool) -> str:
    try:
        written = source(when)
        compiled = expression.compile(written)
    except InputError:
        return ""
    if "||" in compiled.text.signs:
        return ""
    scope = _nested(reads)
    clauses = []
    for text in written.split("&&"):
        found = _CLAUSE.fullmatch(text)
        if found is None or found.group(1) not in reads:
            return ""
        held = expression.judge(found.group(0).strip(" ()\n\t"), scope).matched
        path, sign, wanted = found.groups()
        clauses.append((held, _clause(path, sign, wanted, reads[path], held=held)))
    if matched != all(held for held, _ in clauses):
        return ""
    return _joined(text for held, text in clauses if held == matched)


def _clause(path: str, sign: str, wanted: str, value: Any, *, held: bool) -> str:
    name = path.rsplit(".", maxsplit=1)[-1]
    if value is None:
        return f"{name} is unknown"
    is_now, other = f"{name} is {said(value)}", wanted.strip("\"'")
    if sign in _SIGNS:
        return f"{is_now}, {'' if held else 'not '}{_SIGNS[sign]} {other}"
    return f"{is_now}, not {other}" if held == (sign == "!=") else is_now


def _joined(parts: Iterable[str]) -> str:
    return ", and ".join(dict.fromkeys(parts))


def _nested(reads: Mapping[str, Any]) -> dict[str, Any]:
    """Values by path as a scope that expressions can read."""
    scope: dict[str, Any] = {}
    for path in sorted(reads):
        *way, last = path.split(".")
        at = scope
        for part in way:
            inner = at.get(part)
            if not isinstance(inner, dict):
                inner = at[part] = {}
            at = inner
        at.setdefault(last, reads[path])
    return scope
