"""Bulkheads: each connector has its own number of calls at once, so that a slow vendor fills only its own (G10)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping


class Slots:
    """Slots by connector, in one event loop. A slot is taken *before* an attempt is committed as `sending` (10.2)."""

    def __init__(self, *, each: int = 50, queue: int = 200, special: Mapping[str, int] | None = None) -> None:
        self._each = each
        self._special = dict(special or {})
        self._queue = queue
        self._used: dict[str, int] = {}
        self._waiters: dict[str, deque[asyncio.Future[None]]] = {}

    def take(self, connector: str) -> bool:
        """A slot at once, or False; never past those who wait already."""
        if self._waiters.get(connector):
            return False
        used = self._used.get(connector, 0)
        if used >= self._special.get(connector, self._each):
            return False
        self._used[connector] = used + 1
        return True

    def crowded(self, connector: str) -> bool:
        """Whether so many wait for this connector that another should come back later instead."""
        return len(self._waiters.get(connector, ())) >= self._queue

    def ask(self, connector: str) -> asyncio.Future[None]:
        """A place in the line, in the order of asking; done when the slot is ours. Never left behind: either it is
        awaited and its slot freed, or it is given up by `withdraw`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.take(connector):
            future.set_result(None)
        else:
            self._waiters.setdefault(connector, deque()).append(future)
        return future

    def withdraw(self, connector: str, place: asyncio.Future[None]) -> None:
        """Gives a place up; a slot that had come meanwhile goes to the next."""
        if place.done() and not place.cancelled():
            self.free(connector)
            return
        place.cancel()
        line = self._waiters.get(connector)
        if line and place in line:
            line.remove(place)

    def free(self, connector: str) -> None:
        """Gives a slot back: to the first who waits, if any."""
        line = self._waiters.get(connector)
        while line:
            future = line.popleft()
            if not future.done():
                future.set_result(None)
                return
        self._used[connector] = max(0, self._used.get(connector, 0) - 1)
