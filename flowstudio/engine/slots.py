"""Bulkheads: each connector has its own number of calls at once, so that a slow vendor fills only its own (G10)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

# A vendor that answers again must not find its customers far away.
_LONGEST_TURN_S = 5.0


class Slots:
    """Slots by connector, in one event loop. A slot is taken *before* an attempt is committed as `sending` (10.2)."""

    def __init__(self, *, each: int = 50, queue: int = 200, special: Mapping[str, int] | None = None) -> None:
        self._each = each
        self._special = dict(special or {})
        self._queue = queue
        self._used: dict[str, int] = {}
        self._waiters: dict[str, deque[asyncio.Future[None]]] = {}
        self._freed: dict[str, deque[float]] = {}
        self._turns: dict[str, float] = {}

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

    def turn_s(self, connector: str) -> float:
        """In how many seconds one that finds a crowd should look again: each gets a turn of its own, as fast as slots
        have come free lately, so that those outside do not come back in vain."""
        now = asyncio.get_running_loop().time()
        freed = self._freed.get(connector) or deque()
        # Nothing has come free yet: as if a call took a second.
        each = self._special.get(connector, self._each)
        rate = len(freed) / max(now - freed[0], 0.01) if len(freed) > 1 else float(each)
        line = len(self._waiters.get(connector, ()))
        turn = max(self._turns.get(connector, 0.0), now + line / rate / 2)
        turn = min(turn, now + _LONGEST_TURN_S)
        self._turns[connector] = turn + 1 / rate
        return turn - now

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
        self._freed.setdefault(connector, deque(maxlen=64)).append(asyncio.get_running_loop().time())
        line = self._waiters.get(connector)
        while line:
            future = line.popleft()
            if not future.done():
                future.set_result(None)
                return
        self._used[connector] = max(0, self._used.get(connector, 0) - 1)
