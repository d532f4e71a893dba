"""What a viewer says: one small JSON object a message, and a sentence for everything else."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_TOPIC = re.compile(r"workspace|(?:flow|run|customer):[0-9a-zA-Z]{1,26}")
_CURSOR = re.compile(r"[0-9]{1,18}")
_SHOWN = 100


class Wish(NamedTuple):
    """To watch a topic, from a cursor if one is known; or (`stay` false) to watch it no more."""

    topic: str
    after: int | None
    stay: bool


class Unclear(Exception):
    """The message cannot be understood; `topic` is what it named, if it named something."""

    def __init__(self, message: str, topic: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.topic = topic


def wish(text: str | None, most: int) -> Wish:
    """The wish in a message of at most `most` characters, or Unclear."""
    if text is None:
        raise Unclear("Send JSON as text, not bytes.")
    if len(text) > most:
        raise Unclear(f"A message has at most {most:,} characters.")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise Unclear("This is not JSON.") from None
    if not isinstance(said, dict) or ("subscribe" in said) == ("unsubscribe" in said):
        raise Unclear('Send {"subscribe": topic} or {"unsubscribe": topic}.')
    stay = "subscribe" in said
    name = said["subscribe" if stay else "unsubscribe"]
    if not isinstance(name, str) or not _TOPIC.fullmatch(name):
        named = name[:_SHOWN] if isinstance(name, str) else None
        raise Unclear("A topic is flow:<id>, run:<id>, customer:<id> or workspace.", named)
    return Wish(name, _cursor(said.get("after")), stay)


def _cursor(value: object) -> int | None:
    """A cursor as a number; anything else is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 10**18 else None
    return int(value) if isinstance(value, str) and _CURSOR.fullmatch(value) else None
