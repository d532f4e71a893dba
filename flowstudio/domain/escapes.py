"""How a value is escaped for each place where a text goes (SECURITY S11)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal
from urllib.parse import quote, unquote

Escape = Literal["none", "html", "markdown", "slack", "header", "url"]
_NUMBERED = re.compile(r"(\d)\.(?=\s|$)")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
# Numeric entities show as the character and never count as HTML's or Markdown's own marks.
_MARKS = {ord(char): f"&#{ord(char)};" for char in "&<>\"'\\`*_[]()#!|~+-=^"}


def _same(text: str) -> str:
    return text


def one_line(text: str) -> str:
    """The text without control characters, so that it cannot begin another header."""
    return _CONTROLS.sub(" ", text)


def _markdown(text: str) -> str:
    # A number with a full stop at the beginning of a line would be a list.
    return _NUMBERED.sub(r"\1&#46;", text.translate(_MARKS))


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


ESCAPES: Mapping[Escape, Callable[[str], str]] = {
    "none": _same,
    "html": html.escape,
    "markdown": _markdown,
    "slack": _slack,
    "header": one_line,
    "url": partial(quote, safe=""),
}
# Back to what a reader sees, for a filter that works on what {% capture %} made.
READ: Mapping[Escape, Callable[[str], str]] = {
    "html": html.unescape,
    "markdown": html.unescape,
    "slack": html.unescape,
    "url": unquote,
}


class Ready(str):
    """Plain text to every filter and comparison; `written` is how it stands in the output while nothing changed it."""

    written: str

    @classmethod
    def of(cls, text: str, written: str) -> Ready:
        """`text` for filters, `written` for the output."""
        ready = cls(text)
        ready.written = written
        return ready
