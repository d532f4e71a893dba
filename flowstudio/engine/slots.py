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

    async def wait(self, connector: str) -> None:
        """A slot, in the order of asking."""
        if self.take(connector):
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line = self._waiters.setdefault(connector, deque())
        line.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.free(connector)
            else:
                line.remove(future)
            raise

    def free(self, connector: str) -> None:
        """Gives a slot back: to the first who waits, if any."""
        line = self._waiters.get(connector)
        while line:
            future = line.popleft()
            if not future.done():
                future.set_result(None)
                return
        self._used[connector] = max(0, self._used.get(connector, 0) - 1)
