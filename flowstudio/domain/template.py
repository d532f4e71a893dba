"""Texts in Liquid over plain JSON values: checked when saved, bounded when rendered, escaped by where they go.

No Python object is in scope, a value is rendered once and never again (SECURITY S8–S11).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

from liquid import Environment
from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from flowstudio.domain.errors import TemplateError
from flowstudio.domain.expression import look_up

Escape = Literal["none", "html", "slack", "header", "url"]
MAX_LENGTH = 262_144
_EXACT = re.compile(r"\s*\{\{-?\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*-?\}\}\s*")
_FORBIDDEN = ("include", "render", "macro", "call", "extends", "block", "import")


class _Limited(Environment):
    block_nesting_limit = 32
    context_depth_limit = 16
    loop_iteration_limit = 10_000
    output_stream_limit = 524_288
    local_namespace_limit = 262_144


def _environment() -> Environment:
    environment = _Limited(autoescape=False)
    for tag in _FORBIDDEN:
        environment.tags.pop(tag, None)
    # They would undo an escape that was applied to the value (SECURITY S11).
    for name in ("url_decode", "base64_decode", "base64_url_safe_decode"):
        environment.filters.pop(name, None)
    environment.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False, default=str)
    return environment


_ENVIRONMENT = _environment()


@lru_cache(maxsize=4_096)
def _parsed(source: str) -> BoundTemplate:
    if len(source) > MAX_LENGTH:
        raise TemplateError("The text is longer than 256 KiB.", fix="Shorten it.")
    try:
        return _ENVIRONMENT.from_string(source)
    except (LiquidError, RecursionError) as error:
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
    template = _parsed(source)
    try:
        analysis = template.analyze()
    except (LiquidError, RecursionError) as error:
        raise _readable(error) from None
    for name in analysis.filters:
        if name not in _ENVIRONMENT.filters:
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
    """The text with its values filled in, each value escaped for where the text goes. Raises TemplateError."""
    template = _parsed(source)
    values = {key: _safe(value, escape, 0) for key, value in scope.items()}
    try:
        text = template.render(**values)
    except (LiquidError, RecursionError, ValueError, TypeError, OverflowError) as error:
        raise _readable(error) from None
    if escape == "header":
        return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()
    return text


def _escaped(text: str, escape: Escape) -> str:
    if escape == "html":
        return html.escape(text)
    if escape == "slack":
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if escape == "url":
        return quote(text, safe="")
    if escape == "header":
        return re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return text


def _safe(value: Any, escape: Escape, depth: int) -> Any:
    if depth > 64:
        return None
    if isinstance(value, str):
        return _escaped(value, escape)
    if isinstance(value, Mapping):
        return {str(key): _safe(item, escape, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(item, escape, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _escaped(str(value.isoformat() if hasattr(value, "isoformat") else value), escape)


def render_value(value: Any, scope: Mapping[str, Any]) -> Any:
    """Nested JSON with each text rendered; a text that is exactly one {{ path }} keeps the value's type (CONTRACT)."""
    if isinstance(value, str):
        exact = _EXACT.fullmatch(value)
        return _safe(look_up(exact.group(1), scope), "none", 0) if exact else render(value, scope)
    if isinstance(value, Mapping):
        return {str(key): render_value(item, scope) for key, item in value.items()}
    return [render_value(item, scope) for item in value] if isinstance(value, list | tuple) else value
