"""The event loop of our processes: uvloop's where it is installed (not on every system), else Python's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


def run[T](main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in the faster loop."""
    return asyncio.run(main, loop_factory=_factory())


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
