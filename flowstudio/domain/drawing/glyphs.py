"""Small line glyphs on a 16 by 16 field, by icon name or kind.

Our own strokes, so that a drawing needs no icon file.
"""

from __future__ import annotations

from collections.abc import Mapping

_BOLT = "M9 1.8 3.5 9H8l-1 5.2L12.5 7H8z"
_FORK = "M2 8h4l4-4.5h3.5M6 8l4 4.5h3.5M11.5 1.5l2 2-2 2M11.5 10.5l2 2-2 2"
_CLOCK = "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2M8 4.8V8l2.2 1.6"
_MAIL = "M2 4h12v8.5H2zM2 4.6l6 4.4 6-4.4"
_DATABASE = (
    "M3 4a5 1.9 0 1 0 10 0A5 1.9 0 1 0 3 4M3 4v8c0 1 2.2 1.9 5 1.9s5-.9 5-1.9V4M3 8c0 1 2.2 1.9 5 1.9s5-.9 5-1.9"
)
_FLAG = "M3.5 14V2.5h8.5l-2 3 2 3H3.5"
_DOOR = "M9 2H4v12h5M7 8h7M11.5 5.5 14 8l-2.5 2.5"
_HASH = "M6.3 2.5 4.7 13.5M11.3 2.5 9.7 13.5M2.8 5.8h10.8M2.4 10.2h10.8"
_TOWER = "M3.5 14V4L9 2v12M9 6.5l3.5 1.2V14M2 14h12M6.2 5.8v.1M6.2 8.4v.1M6.2 11v.1"
_STACK = "M8 2 2.2 5 8 8l5.8-3zM2.2 8 8 11l5.8-3M2.2 11 8 14l5.8-3"
_CALENDAR = "M2.5 3.5h11v10h-11zM2.5 6.8h11M5.3 2v2.6M10.7 2v2.6M5.4 10h2.2"
_WORLD = "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2M2.2 8h11.6M8 2c-3.2 3.2-3.2 8.8 0 12M8 2c3.2 3.2 3.2 8.8 0 12"
_PERSON = "M8 2.2a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 1 0 0-5.4M2.8 13.8c.4-2.9 2.4-4.3 5.2-4.3s4.8 1.4 5.2 4.3"
_HOOK = (
    "M8 2.5a2.5 2.5 0 0 1 2.2 3.7L12 9.4M6 6 3.9 9.8M5.6 12h4.6M3.6 9.7a2.3 2.3 0 1 0 .1 0M12.4 9.7a2.3 2.3 0 1 0 .1 0"
)

_ARMS = "M5 2v11.5M2.5 11 5 13.5 7.5 11M11 2v11.5M8.5 11 11 13.5 13.5 11"
_JOIN = "M3 2v4.5Q3 9 5.5 9h5Q13 9 13 6.5V2M8 2v12M6 12l2 2 2-2"
_AGAIN = "M3 7.5V7q0-3 3-3h7M10.8 1.8 13 4l-2.2 2.2M13 8.5V9q0 3-3 3H3M5.2 14.2 3 12l2.2-2.2"

_KINDS: Mapping[str, str] = {
    "trigger": _BOLT,
    "logic": _FORK,
    "wait": _CLOCK,
    "message": _MAIL,
    "data": _DATABASE,
    "goal": _FLAG,
    "exit": _DOOR,
}

# A word in the icon's name chooses the glyph, so that a new connector's icon finds one without a change here.
_WORDS: tuple[tuple[str, str], ...] = (
    ("webhook", _HOOK),
    ("bolt", _BOLT),
    ("calendar", _CALENDAR),
    ("clock", _CLOCK),
    ("hourglass", _CLOCK),
    ("arrows-down", _ARMS),
    ("join", _JOIN),
    ("repeat", _AGAIN),
    ("split", _FORK),
    ("fork", _FORK),
    ("branch", _FORK),
    ("mail", _MAIL),
    ("hash", _HASH),
    ("slack", _HASH),
    ("database", _DATABASE),
    ("building", _TOWER),
    ("skyscraper", _TOWER),
    ("stack", _STACK),
    ("user", _PERSON),
    ("world", _WORLD),
    ("globe", _WORLD),
    ("door", _DOOR),
    ("exit", _DOOR),
    ("flag", _FLAG),
)


def glyph(icon: str, kind: str) -> str:
    """The path of a glyph; an unknown icon gets its kind's."""
    name = icon.lower()
    return next((path for word, path in _WORDS if word in name), _KINDS.get(kind, _DATABASE))
