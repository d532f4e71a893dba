"""Whose key or hook a request carries: looked up once, remembered for two seconds, so that revoking bites at once.

Wrong ones are counted by the peer's own address (never by a header, SECURITY S16), and each look-up of the database
runs in a thread, shared by all requests that ask for the same key meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from flowstudio.domain.errors import Overloaded
from flowstudio.store.models import ApiKey, Hook
from flowstudio.store.secrets import digest

LIFE_S = 2.0
WRONG_A_MINUTE = 60
_CAPACITY = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where events come from: an ingest key or a webhook trigger, and its workspace."""

    id: str
    workspace_id: str
    node: str = ""
    flow_id: str = ""


def ingest_key(token_hash: str) -> Source | None:
    """The unrevoked ingest key with this digest."""
    found = (
        ApiKey.objects.filter(token_hash=token_hash, role="ingest", revoked_at__isnull=True)
        .values_list("id", "workspace_id")
        .first()
    )
    return Source(id=found[0], workspace_id=found[1]) if found else None


def hook(token_hash: str) -> Source | None:
    """The webhook trigger with this token digest."""
    found = Hook.objects.filter(token_hash=token_hash).values_list("id", "workspace_id", "node", "flow_id").first()
    return Source(id=found[0], workspace_id=found[1], node=found[2], flow_id=found[3]) if found else None


class Directory:
    """Sources by token, remembered for `life_s`."""

    def __init__(self, find: Callable[[str], Source | None], *, life_s: float = LIFE_S) -> None:
        self._find = find
        self._life_s = life_s
        self._known: OrderedDict[str, tuple[float, Source | None]] = OrderedDict()
        self._asked: dict[str, asyncio.Task[Source | None]] = {}

    def forget(self) -> None:
        """The next request asks the database again."""
        self._known.clear()

    def seen(self, token: str) -> bool:
        """Whether this token was good when last looked up."""
        entry = self._known.get(digest(token))
        return entry is not None and entry[1] is not None

    async def source(self, token: str) -> Source | None:
        """The source of `token`, or None when it is unknown or revoked. Raises the database's error when it is away."""
        key = digest(token)
        entry = self._known.get(key)
        if entry is not None and time.monotonic() < entry[0]:
            return entry[1]
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(asyncio.to_thread(self._look_up, key))
            task.add_done_callback(lambda _task: self._asked.pop(key, None))
        found = await asyncio.shield(task)
        self._known[key] = (time.monotonic() + self._life_s, found)
        self._known.move_to_end(key)
        while len(self._known) > _CAPACITY:
            self._known.popitem(last=False)
        return found

    def _look_up(self, key: str) -> Source | None:
        # The pool's threads come and go; a connection kept open in each would be kept for nothing.
        try:
            return self._find(key)
        finally:
            connection.close()


class WrongOnes:
    """Counts wrong tokens by address within a minute; over the limit they cost the database nothing more."""

    def __init__(self, *, a_minute: int = WRONG_A_MINUTE) -> None:
        self._limit = a_minute
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def check(self, peer: str) -> None:
        """Raises Overloaded while `peer` has used up its wrong tokens."""
        started, count = self._counts.get(peer, (0.0, 0))
        left = started + 60 - time.monotonic()
        if count >= self._limit and left > 0:
            raise Overloaded("Too many requests with a wrong key from this address.", retry_after=max(1, int(left)))

    def note(self, peer: str) -> None:
        """One more wrong token from `peer`."""
        now = time.monotonic()
        started, count = self._counts.pop(peer, (now, 0))
        self._counts[peer] = (now, 1) if now - started > 60 else (started, count + 1)
        while len(self._counts) > _CAPACITY:
            self._counts.popitem(last=False)
