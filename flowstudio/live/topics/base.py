"""What every live topic is: a state held once for all viewers, moved by what the feed says.

A topic notes what rows say (`tell…`) and moves only in `changes`, all at once: whoever looks in between sees the state
as it was at its cursor. No IO here; what must be read again is named in `wanted` and handed in as `found`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.services.live import Found, Wanted

type Change = dict[str, Any]
type State = dict[str, Any]

HEAD = ("name", "state", "version", "draft_revision")
_NOTHING: Any = object()


class Gone(Exception):
    """What the topic is about is no more."""


class Reload(Exception):
    """The state must be read whole: the facts do not carry what changed."""


def put(path: list[Any], value: Any) -> Change:
    """A change that sets what stands at the path."""
    return {"op": "set", "path": path, "value": value}


def plus(path: list[Any], value: int) -> Change:
    """A change that adds to the number at the path."""
    return {"op": "add", "path": path, "value": value}


def minus(path: list[Any]) -> Change:
    """A change that removes what stands at the path."""
    return {"op": "remove", "path": path}


def difference(path: list[Any], old: State, new: State) -> list[Change]:
    """Changes, one level deep, that turn `old` into `new`."""
    made = [minus([*path, key]) for key in old if key not in new]
    made += [put([*path, key], value) for key, value in new.items() if old.get(key, _NOTHING) != value]
    return made


def move_head(path: list[Any], head: State, facts: Mapping[str, Any]) -> list[Change]:
    """Changes that bring a flow's head up to what a fact says of it, made on `head` too."""
    made = []
    for key in HEAD:
        if key in facts and head[key] != facts[key]:
            head[key] = facts[key]
            made.append(put([*path, key], facts[key]))
    return made


class Topic:
    """One thing that is watched, in one workspace. `seen` is the cursor up to which rows are in the state."""

    def __init__(self, workspace: str, name: str, seen: int, state: State) -> None:
        self.workspace = workspace
        self.name = name
        self.seen = seen
        self.state = state

    def wanted(self, parts: Wanted) -> None:
        """Adds to `parts` what must be read again before `changes`."""

    def changes(self, cursor: int, found: Found) -> list[Change]:
        """Moves the state to `cursor` and gives the changes; raises Gone or Reload."""
        raise NotImplementedError
