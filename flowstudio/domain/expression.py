"""Conditions in CEL: compiled once, judged over plain JSON values, and explained in words (SEMANTICS 9.6, 9.7).

Numbers are promoted to double, since a marketer's 540 must compare with 100.5. An absent or null value means *not
matched* with the reason "employees is unknown"; any other error means *not matched* and is flagged. An evaluation
cannot be interrupted, so what could run long is refused when compiled (SECURITY S9).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from flowstudio.domain import cel_library, cel_text
from flowstudio.domain.errors import ExpressionError

MAX_LENGTH = 4_096
MAX_DEPTH = 64
MAX_ITEMS = 1_000
MAX_NESTED = 32
MAX_CHAINED = 400
MAX_WORK = 4_000_000
_SIMPLE = re.compile(r"^\s*([A-Za-z_][\w.]*)\s*(==|!=|>=|<=|>|<)(.+)$", re.DOTALL)
_WHERE = re.compile(r"<input>:(\d+):(\d+): (.+)")
ROOTS = frozenset({"customer", "event", "run", "steps", "now"})
_MISSING = object()
_LARGEST = 2**1023


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """How a condition came out: `reads` are the values it was judged on, `reason` says why in a few words."""

    matched: bool
    reason: str = ""
    reads: Mapping[str, Any] = field(default_factory=dict)
    flagged: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """A compiled expression: its source, the paths it reads, and the program."""

    source: str
    references: frozenset[str]
    text: cel_text.Read
    program: Any

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value over a scope of plain values; raises ExpressionError with the reason when it cannot be had."""
        try:
            values = _needed(scope, self.references)
            if self.text.loops and _work(self.text, values) > MAX_WORK:
                raise ExpressionError("It would take too long over so many values.")
            return _plain(self.program.execute(values))
        except ExpressionError:
            raise
        except BaseException as error:  # the library raises KeyError, TypeError and the like, and panics beyond them
            if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
                raise
            raise ExpressionError(_sentence(str(error))) from None


def _needed(scope: Mapping[str, Any], paths: frozenset[str]) -> dict[str, Any]:
    """Only what the paths lead to: the library copies a whole root each time that it reads a part of it."""
    values: dict[str, Any] = {root: None if scope.get(root) is None else {} for root in ROOTS}
    for path in sorted(paths):  # the shorter first: a whole root holds its parts
        at, source = values, scope
        parts = path.split(".")
        for index, part in enumerate(parts):
            if part not in source or (index == 0 and part not in ROOTS):
                break
            inner = source[part]
            known = at.get(part)
            if index == len(parts) - 1 or not isinstance(inner, Mapping):
                at[part] = _double(inner, 0)
                break
            if not isinstance(known, dict):
                known = at[part] = {}
            at, source = known, inner
    return values


def _work(text: cel_text.Read, values: Mapping[str, Any]) -> float:
    """About how many values are copied: each read in a loop copies its root, map and filter what they have so far."""
    size, longest = 0, text.signs[","]
    waiting: list[Any] = [values]
    while waiting:
        value = waiting.pop()
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
        longest = max(longest, len(inner) if isinstance(value, list) else 0)
        size += len(inner)
        waiting.extend(inner)
    rounds = longest * (1 + text.signs["+"])
    reads = sum(count for path, count in text.paths.items() if path.split(".")[0] in ROOTS) - 1
    copies = max(reads, 0) * size
    if {"all", "exists", "exists_one", "existsOne"}.issuperset(text.loops):
        return rounds * copies
    return rounds * rounds * (copies + sum(text.paths.values())) + rounds * size


def _double(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, bool) or value is None or isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return value if value.isprintable() else value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, int):
        return float(value) if abs(value) < _LARGEST else math.inf if value > 0 else -math.inf
    if isinstance(value, Mapping):
        return {str(key): _double(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_double(item, depth + 1) for item in value[:MAX_ITEMS]]
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _sentence(text: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else "it cannot be evaluated"
    if "No such overload" in first:
        return "It compares or combines values of different kinds."
    return first[:200]


def _refuse(message: str, fix: str) -> ExpressionError:
    return ExpressionError(message, fix=fix)


@lru_cache(maxsize=4_096)
def compile(source: str) -> Expression:  # noqa: A001 the field's word; always used as `expression.compile`
    """Compiles a condition. Raises ExpressionError with a sentence, a fix and, where known, the character's place."""
    if not isinstance(source, str) or not source.strip():
        raise _refuse("The condition is empty.", "Write a condition, for example customer.traits.employees > 100.")
    if len(source.encode("utf-8", "replace")) > MAX_LENGTH:
        raise _refuse("The condition is longer than 4 KiB.", "Split it over several branches.")
    try:
        text = cel_text.read(source)
    except ValueError as error:
        raise _unreadable("this character has no meaning here", error.args[0]) from None
    if len(text.loops) > 1:
        raise _refuse("A condition may loop over a list once only.", "Use one of all, exists, filter or map, not two.")
    if any(word.kind == "name" and word.text == "matches" for word in text.tokens):
        raise _refuse("Patterns are not supported.", "Use contains, startsWith or endsWith.")
    if any(word.text == "did" and cel_text.called(text.tokens, index) for index, word in enumerate(text.tokens)):
        raise _refuse(
            "What a customer did before can be asked in segments only.",
            "Use a segment, or what this run knows: the customer, the event and earlier steps.",
        )
    # The parser goes one call deeper for each of these, and a thread's stack may be half a megabyte.
    if max(text.depth, text.unary) > MAX_NESTED:
        raise _refuse("The condition is nested too deeply.", "Use fewer brackets.")
    if text.chained > MAX_CHAINED:
        raise _refuse("The condition is too long.", "Split it over several branches.")
    promoted, grown = cel_text.promoted(text.tokens, source)
    try:
        program = cel_library.compile(promoted)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        where = _WHERE.search(str(error))
        if where is None:
            raise _unreadable("it cannot be read", None) from None
        lines = promoted.split("\n")[: int(where.group(1)) - 1]
        place = sum(len(line) + 1 for line in lines) + int(where.group(2)) - 1
        said = where.group(3).split(" expecting ")[0]
        raise _unreadable(said, min(cel_text.origin(place, grown), len(source))) from None
    names = frozenset(path for path in text.paths if path.split(".")[0] not in text.variables - ROOTS)
    return Expression(source=source, references=names, text=text, program=program)


def _unreadable(said: str, place: int | None) -> ExpressionError:
    return ExpressionError(
        f"The condition cannot be read: {said[:160]}.",
        fix="Write it like customer.traits.employees > 100 && customer.traits.country == 'PT'.",
        position=place,
    )


def references(source: str) -> frozenset[str]:
    """The dotted paths that an expression reads; raises ExpressionError when it cannot be compiled."""
    return compile(source).references


def look_up(path: str, scope: Mapping[str, Any]) -> Any:
    """The value at a dotted path, or None when any part of it is absent."""
    value: Any = scope
    for part in path.split("."):
        value = value.get(part, _MISSING) if isinstance(value, Mapping) else _MISSING
        if value is _MISSING:
            return None
    return value


def _short(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _words(expression: Expression, reads: Mapping[str, Any], matched: bool) -> str:
    said = []
    # Of several alternatives it is not known which held: then only the values are said.
    for clause in [] if "||" in expression.text.signs else expression.source.split("&&"):
        simple = _SIMPLE.match(clause)
        if simple and simple.group(1) in reads:
            name, sign, wanted = simple.group(1).split(".")[-1], simple.group(2), simple.group(3).strip("\"' ()\n\t")
            said.append(f"{name} {_short(reads[simple.group(1)])} {sign if matched else f'is not {sign}'} {wanted}")
    if said and (matched or len(said) == 1):
        return ", ".join(said)
    return ", ".join(f"{path.split('.')[-1]} is {_short(value)}" for path, value in list(reads.items())[:3])


def judge(source: str, scope: Mapping[str, Any]) -> Verdict:
    """Whether a condition holds over `scope`, and why; never raises (SEMANTICS 9.7)."""
    try:
        expression = compile(source)
    except ExpressionError as error:
        return Verdict(matched=False, reason="the condition cannot be read", flagged=error.message)
    paths = sorted(path for path in expression.references if path.split(".")[0] in ROOTS - {"now"})
    reads = {path: look_up(path, scope) for path in paths}
    unknown = [path.split(".")[-1] for path, value in reads.items() if _double(value, 0) is None]
    try:
        value = expression.evaluate(scope)
    except ExpressionError as error:
        if unknown:
            return Verdict(matched=False, reason=f"{unknown[0]} is unknown", reads=reads)
        return Verdict(matched=False, reason="the condition could not be judged", reads=reads, flagged=error.message)
    if not isinstance(value, bool):
        return Verdict(
            matched=False, reason="the condition is no yes or no", reads=reads, flagged="It must be true or false."
        )
    if unknown and not value:
        return Verdict(matched=False, reason=f"{unknown[0]} is unknown", reads=reads)
    return Verdict(matched=value, reason=_words(expression, reads, value), reads=reads)
