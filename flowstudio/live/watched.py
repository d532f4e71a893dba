"""A topic that somebody watches: its viewers, and the deltas of late for those who come back."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, NamedTuple, Protocol

import msgspec

from flowstudio.live.limits import Limits
from flowstudio.live.topics import Change, Topic


class Viewer(Protocol):
    """One connection, as the hub sees it. Nothing here blocks; what a slow one cannot take is replaced, never kept."""

    def tell(self, name: str, text: str, watched: Watched) -> None:
        """A delta of a topic."""

    def renew(self, name: str, watched: Watched) -> None:
        """The topic's snapshot as it stands when it can be sent, instead of whatever still waits."""

    def refuse(self, name: str, message: str) -> None:
        """The topic is not (or no longer) to be watched."""


class Delta(NamedTuple):
    """A delta as it was sent: of rows from `low` on, leading to `cursor`."""

    low: int
    cursor: int
    text: str


class Watched:
    """One topic with its viewers; every message is made once for all of them."""

    def __init__(self, topic: Topic, limits: Limits) -> None:
        self.topic = topic
        self.viewers: set[Viewer] = set()
        self.idle_since = time.monotonic()
        # Set while a look at the feed is under way that began with this topic in it.
        self.listening = False
        self.reload = False
        self._limits = limits
        self._heard = topic.seen
        self._low = 0
        self._ring: deque[Delta] = deque()
        self._ring_chars = 0
        self._floor = topic.seen
        self._snapshot: tuple[int, str] | None = None

    def hears(self, row: int) -> bool:
        """Whether this row is news for the topic, which counts as told from now on."""
        if not self.listening or row <= self._heard:
            return False
        self._heard = row
        self._low = self._low or row
        return True

    def move(self, cursor: int, changes: list[Change]) -> None:
        """The topic has moved to `cursor`: its viewers are told what changed, if anything did."""
        topic = self.topic
        topic.seen = self._heard = max(cursor, topic.seen)
        low, self._low = self._low, 0
        if not changes:
            return
        text = encoded({"topic": topic.name, "type": "delta", "cursor": topic.seen, "changes": changes})
        self._snapshot = None
        self._keep(Delta(low or topic.seen, topic.seen, text))
        for viewer in self.viewers:
            viewer.tell(topic.name, text, self)

    def replace(self, topic: Topic) -> None:
        """The topic was read anew: every viewer gets the snapshot, whatever cursor they hold."""
        self.topic, self.reload = topic, False
        self._heard = self._floor = topic.seen
        self._low, self._ring_chars = 0, 0
        self._ring.clear()
        self._snapshot = None
        for viewer in self.viewers:
            viewer.renew(topic.name, self)

    def snapshot(self) -> str:
        """The message with the whole state; made once for all who ask at the same cursor."""
        topic = self.topic
        if self._snapshot is None or self._snapshot[0] != topic.seen:
            message = {"topic": topic.name, "type": "snapshot", "cursor": topic.seen, "state": topic.state}
            self._snapshot = (topic.seen, encoded(message))
        return self._snapshot[1]

    def missed(self, after: int) -> list[str] | None:
        """The deltas that follow a viewer's cursor, or None when that cannot be told: then the snapshot must do.

        A cursor may come from another process, so it need not be one of ours; it must not lie inside a delta.
        """
        if not self._floor <= after <= self.topic.seen:
            return None
        for place, delta in enumerate(self._ring):
            if delta.cursor > after:
                return None if delta.low <= after else [each.text for each in list(self._ring)[place:]]
        return []

    def _keep(self, delta: Delta) -> None:
        self._ring.append(delta)
        self._ring_chars += len(delta.text)
        while len(self._ring) > self._limits.ring_messages or self._ring_chars > self._limits.ring_chars:
            gone = self._ring.popleft()
            self._ring_chars -= len(gone.text)
            self._floor = gone.cursor


def encoded(message: dict[str, Any]) -> str:
    """JSON text; times as in answers of the API."""
    return msgspec.json.encode(message).decode()
