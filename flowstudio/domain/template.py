"""Texts in Liquid over plain JSON values: checked when saved, bounded when rendered, escaped as they are written.

No Python object is in scope, a value is rendered once and never again (SECURITY S8–S11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from flowstudio.domain.errors import TemplateError
from flowstudio.domain.escapes import ESCAPES, Escape, one_line
from flowstudio.domain.escaping import Environs
from flowstudio.domain.expression import look_up

__all__ = ["Escape", "check", "references", "render", "render_url", "render_value"]

MAX_LENGTH = 262_144
_EXACT = re.compile(r"\s*\{\{-?\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*-?\}\}\s*")
# Nothing but a path between the marks; `true` and the like are no paths.
_PATH = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}", re.ASCII)
_MARKS = re.compile(r"\{\{|\{%|\}\}|%\}|\{$|^\}")
_WORDS = frozenset({"true", "false", "nil", "null", "empty", "blank", "none", "undefined"})
# Liquid has these of its own for any list or text.
_OWN = frozenset({"size", "first", "last"})
MAX_SIMPLE = 65_536
_ENVIRONS: Mapping[Escape, Environs] = {escape: Environs(escape) for escape in ESCAPES}


@lru_cache(maxsize=4_096)
def _parsed(source: str, escape: Escape) -> BoundTemplate:
    if len(source) > MAX_LENGTH:
        raise TemplateError("The text is longer than 256 KiB.", fix="Shorten it.")
    try:
        return _ENVIRONS[escape].ready(source)
    except (LiquidError, RecursionError, ValueError, OverflowError) as error:
        raise _readable(error) from None


def _readable(error: BaseException) -> TemplateError:
    text = str(error).strip().splitlines()[0] if str(error).strip() else "it cannot be read"
    token = getattr(error, "token", None)
    line = None
    if token is not None and getattr(token, "source", None) is not None:
        line = str(token.source)[: getattr(token, "start_index", 0)].count("\n") + 1
    return TemplateError(
        f"The text cannot be filled in: {text[:200]}.", fix="Check the {{ … }} and {% … %} marks.", line=line
    )


def check(source: str) -> frozenset[str]:
    """The dotted paths that a text reads; raises TemplateError for a mark, tag or filter that does not exist."""
    template = _parsed(source, "none")
    try:
        analysis = template.analyze()
    except (LiquidError, RecursionError) as error:
        raise _readable(error) from None
    for name in analysis.filters:
        if name == "safe":
            raise TemplateError("There is no filter “safe”: values are always escaped.", fix="Leave it out.")
        if name not in _ENVIRONS["none"].filters:
            raise TemplateError(f"There is no filter “{name}”.", fix="Use one of Liquid's own, such as upcase or json.")
    paths = set()
    for variables in analysis.globals.values():
        for variable in variables:
            parts: list[str] = []
            for segment in variable.segments:
                if not isinstance(segment, str):
                    break
                parts.append(segment)
            paths.add(".".join(parts))
    return frozenset(paths)


references = check


def render(source: str, scope: Mapping[str, Any], escape: Escape = "none") -> str:
    """The text with its values filled in, each escaped as it is written for where the text goes. Raises TemplateError."""
    text = _simply(source, scope, escape)
    if text is None:
        text = _rendered(source, scope, escape)
    return one_line(text).strip() if escape == "header" else text


def _rendered(source: str, scope: Mapping[str, Any], escape: Escape) -> str:
    template = _parsed(source, escape)
    values = {key: _plain(value, 0) for key, value in scope.items()}
    try:
        return template.render(**values)
    except Exception as error:  # Liquid's filters raise what Python raises: arithmetic, decoding, dates
        raise _readable(error) from None


@lru_cache(maxsize=4_096)
def _parts(source: str) -> tuple[str | tuple[str, ...], ...] | None:
    """A text of plain words and {{ paths }}, as its pieces; None: it has something for Liquid to do."""
    if len(source) > MAX_SIMPLE:
        return None
    parts: list[str | tuple[str, ...]] = []
    for index, piece in enumerate(_PATH.split(source)):
        if index % 2:
            path = tuple(piece.split("."))
            if path[0] in _WORDS or not _OWN.isdisjoint(path):
                return None
            parts.append(path)
        elif _MARKS.search(piece):
            return None
        elif piece:
            parts.append(piece)
    return tuple(parts)


def _simply(source: str, scope: Mapping[str, Any], escape: Escape) -> str | None:
    """What Liquid would make of a text with nothing but paths to texts and whole numbers in it, 20 times as fast.

    None where anything else is met: Liquid knows what to do with it.
    """
    parts = _parts(source)
    if parts is None:
        return None
    made: list[str] = []
    for part in parts:
        if isinstance(part, str):
            made.append(part)
            continue
        value: Any = scope
        for name in part:
            if not isinstance(value, dict) or name not in value:
                return None
            value = value[name]
        if type(value) is not str and type(value) is not int:
            return None
        made.append(ESCAPES[escape](str(value)))
    text = "".join(made)
    return text if len(text) <= MAX_SIMPLE else None


def _plain(value: Any, depth: int = 0) -> Any:
    """Plain JSON values only: nothing in scope has methods, and nothing can say of itself that it is safe."""
    kind = type(value)
    if kind is str or kind is int or value is None or kind is bool or kind is float:
        return value
    if depth > 64:
        return None
    if kind is dict:
        return {key if type(key) is str else str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, bool | int | float):
        return value
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def render_url(source: str, scope: Mapping[str, Any]) -> str:
    """A URL whose values are encoded, except one that it begins with: that is an address itself."""
    start = source.lstrip()
    if start.startswith("{{") and "}}" in start:
        head, tail = start.split("}}", 1)
        return render(head + "}}", scope, "none") + render(tail, scope, "url")
    return render(source, scope, "url")


def render_value(value: Any, scope: Mapping[str, Any]) -> Any:
    """Nested JSON with each text rendered; a text that is exactly one {{ path }} keeps the value's type (CONTRACT)."""
    if isinstance(value, str):
        exact = _exact(value)
        return _plain(look_up(exact, scope), 0) if exact else render(value, scope)
    if isinstance(value, Mapping):
        return {str(key): render_value(item, scope) for key, item in value.items()}
    return [render_value(item, scope) for item in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=4_096)
def _exact(source: str) -> str:
    found = _EXACT.fullmatch(source)
    return found.group(1) if found else ""
