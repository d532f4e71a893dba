"""Named places in the code where a test may kill, delay or fail this very process (RELIABILITY, "Failpoints").

`FLOWSTUDIO_FAILPOINTS` is a comma-separated list of `name=action` or `name=action@n` (at the n-th hit only): action is
`kill` (SIGKILL to this process), `exit`, `spin` (for ever), `eat` (all memory), `raise`, or `sleep:<seconds>`. A name
may end in `:<node>`, for a place that only runs at this node pass. Unset, which is always so outside tests, a hit costs
one look into an empty dictionary.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings

_ACTIONS = ("kill", "exit", "spin", "eat", "raise")


class FailpointError(RuntimeError):
    """Raised on purpose at a failpoint set to `raise`."""


@dataclass(kw_only=True)
class _Point:
    action: str
    nth: int
    seen: int = 0


class _Armed:
    """The points of this process; None until the setting has been read."""

    lock: ClassVar[threading.Lock] = threading.Lock()
    points: ClassVar[dict[str, _Point] | None] = None


def parse(text: str) -> dict[str, _Point]:
    """Reads the setting; a wrong entry is a ValueError that names it."""
    points: dict[str, _Point] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, separator, action = entry.partition("=")
        action, _, nth = action.partition("@")
        if not separator or not (action in _ACTIONS or action.startswith("sleep:")):
            raise ValueError(
                f"FLOWSTUDIO_FAILPOINTS: {entry!r} is not name=sleep:<seconds> or one of {', '.join(_ACTIONS)}."
            )
        points[name] = _Point(action=action, nth=int(nth or 0))
    return points


def arm(text: str) -> None:
    """Sets the points of this process, in place of those of the environment; '' disarms all."""
    _Armed.points = parse(text)


def hit(name: str) -> None:
    """Marks that the code has come to `name`; does what a test has set there, otherwise nothing."""
    points = _Armed.points
    if points is None:
        points = _Armed.points = parse(settings.FLOWSTUDIO_FAILPOINTS)
    point = points.get(name)
    if point is None:
        return
    with _Armed.lock:
        point.seen += 1
        due = point.nth in (0, point.seen)
    if not due:
        return
    if point.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif point.action == "exit":
        os._exit(3)
    elif point.action == "spin":
        while True:
            pass
    elif point.action == "eat":
        eaten = []
        while True:
            eaten.append(bytearray(64 * 1024 * 1024))
    elif point.action == "raise":
        raise FailpointError(name)
    else:
        time.sleep(float(point.action.removeprefix("sleep:")))


def hit_at(name: str, node: str) -> None:
    """Marks that a run at `node` has come to `name`: the point `name:node`."""
    if _Armed.points is None or _Armed.points:
        hit(f"{name}:{node}")
