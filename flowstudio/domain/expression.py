"""Conditions in CEL: compiled once, judged over plain JSON values, and explained in words (SEMANTICS 9.6, 9.7).

Numbers are promoted to double, since a marketer's 540 must compare with 100.5. An absent or null value means *not
matched* with the reason "employees is unknown"; any other error means *not matched* and is flagged. An evaluation
cannot be interrupted, so what could run long is refused when compiled (SECURITY S9).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import cel

from flowstudio.domain.errors import ExpressionError

MAX_LENGTH = 4_096
MAX_DEPTH = 64
MAX_ITEMS = 1_000
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_LOOP = re.compile(r"\.\s*(?:all|exists|exists_one|filter|map|sortBy|transformList|transformMap)\s*\(")
_PATTERN = re.compile(r"\bmatches\s*\(")
_PATH = re.compile(r"(?<![\w.\"'])([A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)(\s*\()?")
_WHOLE_NUMBER = re.compile(r"(?<![\w.])(\d+)(?![\w.])")
_SIMPLE = re.compile(r"^\s*([A-Za-z_][\w.]*)\s*(==|!=|>=|<=|>|<)\s*(.+?)\s*$")
_WHERE = re.compile(r"<input>:(\d+):(\d+): (.+)")
_WORDS = frozenset(
    {"true", "false", "null", "in", "has", "size", "int", "double", "string", "now", "timestamp", "duration"}
)
ROOTS = frozenset({"customer", "event", "run", "steps", "now"})
_MISSING = object()


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
    program: Any

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value over a scope of plain values; raises ExpressionError with the reason when it cannot be had."""
        try:
            return _plain(self.program.execute({root: _double(scope.get(root), 0) for root in ROOTS}))
        except Exception as error:  # the library raises KeyError, TypeError, ValueError and RuntimeError alike
            raise ExpressionError(_sentence(str(error))) from None


def _double(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, bool) or value is None or isinstance(value, str | float | datetime):
        return value
    if isinstance(value, int):
        return float(value)
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


def _masked(source: str) -> str:
    """The source with every string literal blanked, so that words inside quotes are not taken for names."""
    return _STRING.sub(lambda found: '"' + " " * (len(found.group()) - 2) + '"', source)


def _promoted(source: str) -> str:
    """Whole-number literals as doubles, except indexes; quoted text stays untouched."""
    out, at = [], 0
    for found in _STRING.finditer(source):
        out += [_WHOLE_NUMBER.sub(_as_double, source[at : found.start()]), found.group()]
        at = found.end()
    return "".join([*out, _WHOLE_NUMBER.sub(_as_double, source[at:])])


def _as_double(found: re.Match[str]) -> str:
    before = found.string[: found.start()].rstrip()
    return found.group() if before.endswith("[") else f"{found.group()}.0"


def _refuse(message: str, fix: str) -> ExpressionError:
    return ExpressionError(message, fix=fix)


@lru_cache(maxsize=4_096)
def compile(source: str) -> Expression:  # noqa: A001 the field's word; always used as `expression.compile`
    """Compiles a condition. Raises ExpressionError with a sentence, a fix and, where known, the character's place."""
    if not isinstance(source, str) or not source.strip():
        raise _refuse("The condition is empty.", "Write a condition, for example customer.traits.employees > 100.")
    if len(source.encode("utf-8", "replace")) > MAX_LENGTH:
        raise _refuse("The condition is longer than 4 KiB.", "Split it over several branches.")
    masked = _masked(source)
    if len(_LOOP.findall(masked)) > 1:
        raise _refuse("A condition may loop over a list once only.", "Use one of all, exists, filter or map, not two.")
    if _PATTERN.search(masked):
        raise _refuse("Patterns are not supported.", "Use contains, startsWith or endsWith.")
    depth = deepest = 0
    for letter in masked:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH or max(masked.count("!!"), masked.count("--")) > MAX_DEPTH:
        raise _refuse("The condition is nested too deeply.", "Use fewer brackets.")
    try:
        program = cel.compile(_promoted(source))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        where = _WHERE.search(str(error))
        place = int(where.group(2)) - 1 if where else None
        text = where.group(3).split(" expecting ")[0] if where else "it cannot be read"
        raise ExpressionError(
            f"The condition cannot be read: {text[:160]}.",
            fix="Write it like customer.traits.employees > 100 && customer.traits.country == 'PT'.",
            position=place,
        ) from None
    return Expression(source=source, references=_references(masked), program=program)


def _references(masked: str) -> frozenset[str]:
    found = set()
    for path, call in _PATH.findall(masked):
        name = re.sub(r"\s+", "", path)
        if call:
            name = name.rpartition(".")[0]
        if name and name not in _WORDS and name.split(".")[0] not in _WORDS - {"now"}:
            found.add(name)
    return frozenset(found)


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
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _words(expression: Expression, reads: Mapping[str, Any], matched: bool) -> str:
    said = []
    for clause in re.split(r"&&|\|\|", expression.source):
        simple = _SIMPLE.match(clause)
        if simple and simple.group(1) in reads:
            name, sign, wanted = simple.group(1).split(".")[-1], simple.group(2), simple.group(3).strip("\"' ()")
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
    unknown = [path.split(".")[-1] for path, value in reads.items() if value is None]
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
