"""Bulkheads: each connector has its own number of calls at once, so that a slow vendor fills only its own (G10).

Before each connector every workspace has a line of its own, and slots that come free go from line to line: one with
thousands of calls to make delays another's by one call's turn (F19).
"""

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
        # By connector, then by workspace; the line whose turn is next comes first.
        self._waiters: dict[str, dict[str, deque[asyncio.Future[None]]]] = {}
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

    def _waiting(self, connector: str) -> int:
        return sum(map(len, self._waiters.get(connector, {}).values()))

    def crowded(self, connector: str, space: str = "") -> bool:
        """Whether so many wait for this connector that another of this workspace should come back later instead: with a
        full queue a workspace still has a place until it has had its share."""
        if self._waiting(connector) < self._queue:
            return False
        lines = self._waiters.get(connector, {})
        others = len(lines) - (space in lines)
        return len(lines.get(space, ())) >= self._queue // (others + 1)

    def turn_s(self, connector: str) -> float:
        """In how many seconds one that finds a crowd should look again: each gets a turn of its own, as fast as slots
        have come free lately, so that those outside do not come back in vain."""
        now = asyncio.get_running_loop().time()
        freed = self._freed.get(connector) or deque()
        # Nothing has come free yet: as if a call took a second.
        each = self._special.get(connector, self._each)
        rate = len(freed) / max(now - freed[0], 0.01) if len(freed) > 1 else float(each)
        line = self._waiting(connector)
        turn = max(self._turns.get(connector, 0.0), now + line / rate / 2)
        turn = min(turn, now + _LONGEST_TURN_S)
        self._turns[connector] = turn + 1 / rate
        return turn - now

    def ask(self, connector: str, space: str = "") -> asyncio.Future[None]:
        """A place in the workspace's line, in the order of asking; done when the slot is ours. Never left behind: either it is
        awaited and its slot freed, or it is given up by `withdraw`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.take(connector):
            future.set_result(None)
        else:
            self._waiters.setdefault(connector, {}).setdefault(space, deque()).append(future)
        return future

    def withdraw(self, connector: str, place: asyncio.Future[None]) -> None:
        """Gives a place up; a slot that had come meanwhile goes to the next."""
        if place.done() and not place.cancelled():
            self.free(connector)
            return
        place.cancel()
        lines = self._waiters.get(connector, {})
        for space, line in lines.items():
            if place in line:
                line.remove(place)
                if not line:
                    del lines[space]
                return

    def free(self, connector: str) -> None:
        """Gives a slot back: to the first of the line whose turn it is, if any waits."""
        self._freed.setdefault(connector, deque(maxlen=64)).append(asyncio.get_running_loop().time())
        lines = self._waiters.get(connector, {})
        while lines:
            space = next(iter(lines))
            line = lines.pop(space)
            future = line.popleft()
            if line:
                # Behind all others now.
                lines[space] = line
            if not future.done():
                future.set_result(None)
                return
        self._used[connector] = max(0, self._used.get(connector, 0) - 1)
