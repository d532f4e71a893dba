"""The hub of a web process: follows the feed for everything that is watched, once for all viewers (DESIGN, 6 and 7).

A bell only wakes it; what it tells comes from committed rows `id > cursor`, so a lost ring costs a second at most and
several processes need to know nothing of each other. Nothing is read while nobody watches.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, defaultdict

import structlog
from channels.layers import get_channel_layer
from django.conf import settings

from flowstudio.domain.errors import NotFound
from flowstudio.engine.bell import Bell
from flowstudio.live.limits import Limits
from flowstudio.live.presence import Presence
from flowstudio.live.rooms import Room
from flowstudio.live.threads import Threads
from flowstudio.live.topics import KINDS, Gone, Reload, Topic
from flowstudio.live.watched import Viewer, Watched
from flowstudio.services import live
from flowstudio.services.live import Found, Wanted
from flowstudio.store.queries import feed

log = structlog.get_logger("flowstudio.live")
_PAUSE_S = 1.0
_GONE = "This is not there any more."


class Hub:
    """`await start()` in the process's event loop, `await stop()` at its end; viewers come through `watch`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        # Without Redis there is one web process, and nobody elsewhere to be told.
        self.presence = Presence(get_channel_layer() if settings.REDIS_URL else None)
        self._beating: asyncio.Task[None] | None = None
        self._viewers: Counter[str] = Counter()
        self._rooms: defaultdict[str, Room] = defaultdict(Room)
        self._loading: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._wanted = asyncio.Event()
        self._threads: Threads | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def threads(self) -> Threads:
        """Where to ask the database; only while the hub runs."""
        if self._threads is None:
            raise RuntimeError("The live hub is not running: the application's lifespan starts it.")
        return self._threads

    @property
    def running(self) -> bool:
        """Whether viewers may come."""
        return self._threads is not None

    async def start(self) -> None:
        """Begins to follow the feed."""
        self._threads = Threads(self.limits.asking)
        self._task = asyncio.create_task(self._follow())
        self._beating = asyncio.create_task(self.presence.run())

    async def stop(self) -> None:
        """Ends; what viewers still wait for is dropped, they come back with their cursors."""
        threads, self._threads = self._threads, None
        for task in (self._task, self._beating, *self._loading.values()):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task
        self._task = None
        self._rooms.clear()
        if threads is not None:
            await threads.close()

    # -- viewers

    def admit(self, who: str) -> bool:
        """Whether one more connection of this caller is taken; `goodbye` gives its place back."""
        limits = self.limits
        if self._viewers.total() >= limits.connections or self._viewers[who] >= limits.connections_each:
            return False
        self._viewers[who] += 1
        return True

    def goodbye(self, who: str) -> None:
        """A connection of this caller has ended."""
        self._viewers[who] -= 1
        if self._viewers[who] <= 0:
            del self._viewers[who]

    async def watch(self, viewer: Viewer, workspace: str, name: str, after: int | None) -> None:
        """Adds a viewer to a topic: with what it missed since `after` when that is known, else with the snapshot.

        NotFound when there is no such thing in this workspace.
        """
        while (watched := self._find(workspace, name)) is None:
            await self._load(workspace, name)
        missed = watched.missed(after) if after is not None else None
        watched.viewers.add(viewer)
        if missed is None:
            viewer.renew(name, watched)
        else:
            for text in missed:
                viewer.tell(name, text, watched)

    def leave(self, viewer: Viewer, workspace: str, name: str) -> None:
        """The viewer watches this topic no more."""
        watched = self._find(workspace, name)
        if watched is not None and viewer in watched.viewers:
            watched.viewers.remove(viewer)
            watched.idle_since = time.monotonic()

    def _find(self, workspace: str, name: str) -> Watched | None:
        room = self._rooms.get(workspace)
        return room.get(name) if room is not None else None

    async def _load(self, workspace: str, name: str) -> None:
        key = (workspace, name)
        task = self._loading.get(key)
        if task is None:
            task = self._loading[key] = asyncio.create_task(self._open(workspace, name))
            task.add_done_callback(lambda _: self._loading.pop(key, None))
        # Others may wait for the same; one that goes must not end it for them.
        await asyncio.shield(task)

    async def _open(self, workspace: str, name: str) -> None:
        topic = await self._read(workspace, name)
        self._rooms[workspace].add(Watched(topic, self.limits))
        self._wanted.set()

    async def _read(self, workspace: str, name: str) -> Topic:
        kind, _, thing = name.partition(":")
        cursor, state = await self.threads.ask(live.snapshot, workspace, kind, thing)
        return KINDS[kind](workspace, name, cursor, state)

    # -- the feed

    async def _follow(self) -> None:
        while True:
            try:
                async with Bell("viewers") as bell:
                    while True:
                        await self._turn(bell)
            except Exception:
                # The database or the bell is away: viewers keep what they have, and hear of the rest afterwards.
                log.exception("live.feed_unreadable")
                await asyncio.sleep(_PAUSE_S)

    async def _turn(self, bell: Bell) -> None:
        if not any(self._rooms.values()):
            self._wanted.clear()
            await self._wanted.wait()
        await bell.wait(self.limits.poll_s)
        await self._look()
        self._sweep()
        # What comes meanwhile is told together: at most ten messages a second a topic.
        await asyncio.sleep(self.limits.gap_s)

    def _sweep(self) -> None:
        late = time.monotonic() - self.limits.linger_s
        for workspace, room in list(self._rooms.items()):
            for watched in room:
                if not watched.viewers and watched.idle_since < late:
                    room.drop(watched)
            if not room:
                del self._rooms[workspace]

    async def _look(self) -> None:
        """One look at the feed: rows, then what they name, then every topic moves and tells."""
        asked: dict[str, int] = {}
        present: list[Watched] = []
        for workspace, room in self._rooms.items():
            for watched in room:
                watched.listening = True
                present.append(watched)
                asked[workspace] = min(asked.get(workspace, watched.topic.seen), watched.topic.seen)
        rows = await self.threads.follow(feed.since, asked, self.limits.rows)
        for row in rows:
            asked[row.workspace_id] = row.id
        if len(rows) >= self.limits.rows:
            # Far behind: the state itself is quicker to read than what led to it, and not all of that was read.
            for watched in present:
                watched.reload = True
        else:
            for row in rows:
                self._rooms[row.workspace_id].tell(row)
        found = await self._again(present)
        for watched in present:
            watched.listening = False
            if not watched.reload:
                self._move(watched, asked[watched.topic.workspace], found.get(watched.topic.workspace) or Found())
        for watched in present:
            if watched.reload:
                await self._reload(watched)

    async def _again(self, present: list[Watched]) -> dict[str, Found]:
        wanted: defaultdict[str, Wanted] = defaultdict(Wanted)
        for watched in present:
            if not watched.reload:
                watched.topic.wanted(wanted[watched.topic.workspace])
        if not any(wanted.values()):
            return {}
        return await self.threads.follow(live.again, wanted)

    def _move(self, watched: Watched, cursor: int, found: Found) -> None:
        try:
            watched.move(cursor, watched.topic.changes(cursor, found))
        except Reload:
            watched.reload = True
        except Gone:
            self._end(watched, _GONE)
        except Exception:
            # A row of another version, say: this topic is read whole, all others go on.
            log.exception("live.topic_broke", topic=watched.topic.name)
            watched.reload = True

    async def _reload(self, watched: Watched) -> None:
        topic = watched.topic
        try:
            watched.replace(await self._read(topic.workspace, topic.name))
        except NotFound as gone:
            self._end(watched, gone.message)

    def _end(self, watched: Watched, message: str) -> None:
        room = self._rooms.get(watched.topic.workspace)
        if room is not None:
            room.drop(watched)
        for viewer in list(watched.viewers):
            viewer.refuse(watched.topic.name, message)
        watched.viewers.clear()
