"""What waits to be sent to one viewer: bounded, whatever the viewer does (SECURITY S18)."""

from __future__ import annotations

import asyncio
from collections import deque

from flowstudio.live.limits import Limits
from flowstudio.live.watched import Watched, encoded

_NOTES = 100


class Outbox:
    """Messages by topic, each topic in its order, topics in turn.

    Over the bound a topic's deltas give way to one snapshot, which is made when it can be sent: a viewer that is slow
    sees fewer moments, never a wrong one.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: dict[str, deque[str]] = {}
        self._chars = 0
        self._stale: dict[str, Watched] = {}
        self._turns: deque[str] = deque()
        self._notes: deque[str] = deque()
        self._people: dict[str, str] = {}
        self._filled = asyncio.Event()

    def renew(self, name: str, watched: Watched) -> None:
        """The topic's snapshot comes next; what waits of it is dropped."""
        people = self._people.get(name)
        self.leave(name)
        if people is not None:
            self._people[name] = people
        self._stale[name] = watched
        self._turn(name)

    def add(self, name: str, text: str, watched: Watched) -> None:
        """One delta more; where a snapshot is still to be made, that will hold it."""
        if name in self._stale:
            return
        queue = self._waiting.get(name)
        if queue is None:
            queue = self._waiting[name] = deque()
            self._turn(name)
        if len(queue) >= self._limits.queue_messages or self._chars + len(text) > self._limits.queue_chars:
            self.renew(name, watched)
            return
        queue.append(text)
        self._chars += len(text)

    def leave(self, name: str) -> None:
        """Nothing more of this topic."""
        self._stale.pop(name, None)
        self._people.pop(name, None)
        for text in self._waiting.pop(name, ()):
            self._chars -= len(text)

    def note(self, message: dict[str, object]) -> None:
        """A message outside the topics' order (a refusal); the hundredth that waits is the last."""
        if len(self._notes) < _NOTES:
            self._notes.append(encoded(message))
            self._filled.set()

    def people(self, name: str, message: dict[str, object]) -> None:
        """Who else is there: only the newest is of use, however slow the viewer."""
        self._people[name] = encoded(message)
        self._filled.set()

    def last_words(self) -> str | None:
        """The next of the messages outside the topics' order, if one waits."""
        return self._notes.popleft() if self._notes else None

    async def next(self) -> str:
        """The next message to send."""
        while True:
            if (note := self.last_words()) is not None:
                return note
            if self._people:
                return self._people.pop(next(iter(self._people)))
            while self._turns:
                text = self._take(self._turns.popleft())
                if text is not None:
                    return text
            self._filled.clear()
            await self._filled.wait()

    def _take(self, name: str) -> str | None:
        watched = self._stale.pop(name, None)
        if watched is not None:
            return watched.snapshot()
        queue = self._waiting.get(name)
        if queue is None:
            return None
        text = queue.popleft()
        self._chars -= len(text)
        if queue:
            self._turns.append(name)
        else:
            del self._waiting[name]
        return text

    def _turn(self, name: str) -> None:
        if name not in self._turns:
            self._turns.append(name)
        self._filled.set()
