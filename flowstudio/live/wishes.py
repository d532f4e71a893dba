"""What a viewer says: one small JSON object a message, and a sentence for everything else."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_TOPIC = re.compile(r"workspace|(?:flow|run|customer):[0-9a-zA-Z]{1,26}")
_FLOW = re.compile(r"flow:[0-9a-zA-Z]{1,26}")
_NODE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_MOST_CHOSEN = 50
_CURSOR = re.compile(r"[0-9]{1,18}")
_SHOWN = 100


class Wish(NamedTuple):
    """To watch a topic, from a cursor if one is known; or (`stay` false) to watch it no more."""

    topic: str
    after: int | None
    stay: bool


class Here(NamedTuple):
    """One has a flow open, with these steps chosen; None: no more."""

    topic: str
    chosen: tuple[str, ...] | None


class Unclear(Exception):
    """The message cannot be understood; `topic` is what it named, if it named something."""

    def __init__(self, message: str, topic: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.topic = topic


def wish(text: str | None, most: int) -> Wish | Here:
    """The wish in a message of at most `most` characters, or Unclear."""
    if text is None:
        raise Unclear("Send JSON as text, not bytes.")
    if len(text) > most:
        raise Unclear(f"A message has at most {most:,} characters.")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise Unclear("This is not JSON.") from None
    if isinstance(said, dict) and "present" in said:
        return _here(said)
    if not isinstance(said, dict) or ("subscribe" in said) == ("unsubscribe" in said):
        raise Unclear('Send {"subscribe": topic} or {"unsubscribe": topic}.')
    stay = "subscribe" in said
    name = said["subscribe" if stay else "unsubscribe"]
    if not isinstance(name, str) or not _TOPIC.fullmatch(name):
        named = name[:_SHOWN] if isinstance(name, str) else None
        raise Unclear("A topic is flow:<id>, run:<id>, customer:<id> or workspace.", named)
    return Wish(name, _cursor(said.get("after")), stay)


def _here(said: dict[str, object]) -> Here:
    name, chosen = said["present"], said.get("chosen", [])
    if not isinstance(name, str) or not _FLOW.fullmatch(name):
        raise Unclear("One is present at flow:<id>.", name[:_SHOWN] if isinstance(name, str) else None)
    if chosen is None:
        return Here(name, None)
    if not isinstance(chosen, list) or not all(isinstance(one, str) and _NODE.fullmatch(one) for one in chosen):
        raise Unclear("“chosen” must be a list of ids of steps, or null.", name)
    return Here(name, tuple(dict.fromkeys(chosen))[:_MOST_CHOSEN])


def _cursor(value: object) -> int | None:
    """A cursor as a number; anything else is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 10**18 else None
    return int(value) if isinstance(value, str) and _CURSOR.fullmatch(value) else None
