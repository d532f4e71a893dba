"""Who has a flow open, and which of its steps they have chosen.

Told to all who watch the flow, kept in memory alone: nothing of it is truth, and whoever falls silent is forgotten.
Several web processes tell each other over the channel layer; a lost message is made good by the next heartbeat.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from flowstudio.store.ids import new_id

log = structlog.get_logger("flowstudio.live")
GROUP = "flowstudio.presence"
BEAT_S = 8.0
FORGOTTEN_S = 20.0
MOST = 20
_PAUSE_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody at one page: `id` is the connection's, `who` the person's own, the same at all their pages."""

    id: str
    who: str
    name: str
    chosen: tuple[str, ...] = ()

    def shown(self, to: str) -> dict[str, Any]:
        """As a viewer is told of them; `you` is oneself at another page."""
        return {"id": self.id, "name": self.name, "you": self.who == to, "chosen": list(self.chosen)}


class Page(Protocol):
    """One connection, as presence sees it."""

    def people(self, name: str, others: Sequence[Mapping[str, Any]]) -> None:
        """Who else has the flow of this topic open."""


class Layer(Protocol):
    """What of a channel layer is used."""

    async def new_channel(self) -> str:
        """A name under which this process hears."""

    async def group_add(self, group: str, channel: str) -> None:
        """From now on the channel hears the group."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Tells every channel of the group."""

    async def receive(self, channel: str) -> dict[str, Any]:
        """The next message of the channel."""


Place = tuple[str, str]


class Presence:
    """The people of a process, and what other processes have said of theirs."""

    def __init__(self, layer: Layer | None = None) -> None:
        self.layer = layer
        self.process = new_id()
        self._here: dict[Place, dict[Page, Person]] = {}
        self._there: dict[Place, dict[str, tuple[float, tuple[Person, ...]]]] = {}
        self._send: asyncio.Queue[Place] = asyncio.Queue(maxsize=1_000)

    def say(self, page: Page, workspace: str, name: str, person: Person) -> None:
        """This page has the flow of the topic open, with these steps chosen."""
        self._here.setdefault((workspace, name), {})[page] = person
        self._moved((workspace, name))

    def leave(self, page: Page, workspace: str, name: str) -> None:
        """This page shows the flow no more."""
        people = self._here.get((workspace, name))
        if people is None or people.pop(page, None) is None:
            return
        self._moved((workspace, name))
        if not people:
            del self._here[workspace, name]

    def _moved(self, place: Place) -> None:
        self._tell(place)
        if self.layer is not None and not self._send.full():
            self._send.put_nowait(place)

    def _tell(self, place: Place) -> None:
        here = self._here.get(place, {})
        late = time.monotonic() - FORGOTTEN_S
        far = [one for seen, people in self._there.get(place, {}).values() if seen > late for one in people]
        everybody = [*here.values(), *far]
        for page, me in list(here.items()):
            page.people(place[1], [one.shown(me.who) for one in everybody if one.id != me.id][:MOST])

    # -- between processes

    async def run(self) -> None:
        """Tells and hears, for as long as the process serves; without a layer there is nobody to tell."""
        while self.layer is not None:
            try:
                channel = await self.layer.new_channel()
                await self.layer.group_add(GROUP, channel)
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._hear(self.layer, channel))
                    group.create_task(self._speak(self.layer))
                    group.create_task(self._beat())
            except* Exception:
                # Redis is away: people of other processes are forgotten, those of this one are not.
                log.warning("live.presence_unreachable", exc_info=True)
            await asyncio.sleep(_PAUSE_S)

    async def _hear(self, layer: Layer, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            if message.get("process") == self.process:
                continue
            place = (str(message["workspace"]), str(message["topic"]))
            people = tuple(Person(**{**one, "chosen": tuple(one["chosen"])}) for one in message["people"])
            there = self._there.setdefault(place, {})
            if people:
                there[message["process"]] = (time.monotonic(), people)
            else:
                there.pop(message["process"], None)
            if not there:
                del self._there[place]
            self._tell(place)

    async def _speak(self, layer: Layer) -> None:
        while True:
            place = await self._send.get()
            people = [
                {"id": one.id, "who": one.who, "name": one.name, "chosen": list(one.chosen)}
                for one in self._here.get(place, {}).values()
            ]
            await layer.group_send(
                GROUP,
                {
                    "type": "presence",
                    "process": self.process,
                    "workspace": place[0],
                    "topic": place[1],
                    "people": people[:MOST],
                },
            )

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            late = time.monotonic() - FORGOTTEN_S
            for place, there in list(self._there.items()):
                kept = {process: entry for process, entry in there.items() if entry[0] > late}
                if len(kept) != len(there):
                    self._there[place] = kept
                    self._tell(place)
                if not kept:
                    self._there.pop(place, None)
            for place in list(self._here):
                if not self._send.full():
                    self._send.put_nowait(place)
