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

__all__ = ["Escape", "check", "references", "render", "render_value"]

MAX_LENGTH = 262_144
_EXACT = re.compile(r"\s*\{\{-?\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*-?\}\}\s*")
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
    template = _parsed(source, escape)
    values = {key: _plain(value, 0) for key, value in scope.items()}
    try:
        text = template.render(**values)
    except Exception as error:  # Liquid's filters raise what Python raises: arithmetic, decoding, dates
        raise _readable(error) from None
    return one_line(text).strip() if escape == "header" else text


def _plain(value: Any, depth: int) -> Any:
    """Plain JSON values only: nothing in scope has methods, and nothing can say of itself that it is safe."""
    if depth > 64:
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def render_value(value: Any, scope: Mapping[str, Any]) -> Any:
    """Nested JSON with each text rendered; a text that is exactly one {{ path }} keeps the value's type (CONTRACT)."""
    if isinstance(value, str):
        exact = _EXACT.fullmatch(value)
        return _plain(look_up(exact.group(1), scope), 0) if exact else render(value, scope)
    if isinstance(value, Mapping):
        return {str(key): render_value(item, scope) for key, item in value.items()}
    return [render_value(item, scope) for item in value] if isinstance(value, list | tuple) else value
