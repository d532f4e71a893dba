"""One viewer's websocket: what it may watch, what it is sent, and when it is closed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError

from flowstudio.domain.errors import NotFound, Overloaded
from flowstudio.live.callers import Ticket, ticket
from flowstudio.live.hub import Hub
from flowstudio.live.outbox import Outbox
from flowstudio.live.presence import Person
from flowstudio.live.watched import Watched
from flowstudio.live.wishes import Here, Unclear, wish
from flowstudio.services.caller import Caller
from flowstudio.store.ids import new_id

log = structlog.get_logger("flowstudio.live")

# Close codes of our own; 1008 is "policy", 1013 "try again later".
SIGNED_OUT, FLOOD, IDLE = 4401, 4429, 4408
_BUSY, _REFUSED = 1013, 1008
_NO_LONGER = "You may not watch this any more. Sign in again, or ask an admin of the workspace."


class ViewerSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Speaks CONTRACT "Live" with one browser or program. Nothing it is sent makes it raise."""

    # No channel layer: the hub tells viewers directly, and truth is in the database alone.
    channel_layer_alias = ""

    def __init__(self, *, hub: Hub) -> None:
        super().__init__()
        self.hub = hub
        self.limits = hub.limits
        self.caller: Caller | None = None
        self.page = new_id()
        self.topics: dict[str, float] = {}
        self.outbox = Outbox(hub.limits)
        self._task: asyncio.Task[Any] | None = None
        self._helpers: list[asyncio.Task[None]] = []
        self._cut = False
        self._idle_since = time.monotonic()
        self._tokens, self._refilled = float(hub.limits.burst), time.monotonic()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One connection from handshake to end."""
        self._task = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self._cut:
                raise
        except OSError:
            # The other side went while we spoke.
            return
        finally:
            await self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels' own, without its visit to Django's one thread for every message: no connection is used here."""
        handler = {
            "websocket.connect": self.websocket_connect,
            "websocket.receive": self.websocket_receive,
            "websocket.disconnect": self.websocket_disconnect,
        }[message["type"]]
        await handler(message)

    # -- coming and going

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        """The handshake: refused without a word unless somebody who may watch asks from a page of ours."""
        shown = ticket(self.scope)
        if shown is None or not self.hub.running:
            await self.close(_REFUSED if shown is None else _BUSY)
            return
        try:
            caller = await self.hub.threads.greet(shown.caller)
        except (Overloaded, DatabaseError):
            await self.close(_BUSY)
            return
        if caller is None:
            await self.close(_REFUSED)
            return
        if not self.hub.admit(_who(caller)):
            await self.close(_BUSY)
            return
        self.caller = caller
        await self.accept()
        self._helpers = [asyncio.create_task(self._speak()), asyncio.create_task(self._judge(shown))]

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """The other side has gone."""
        raise StopConsumer

    async def _leave(self) -> None:
        if self.caller is not None:
            self.hub.goodbye(_who(self.caller))
            for name in self.topics:
                self.hub.presence.leave(self, self.caller.workspace_id, name)
                self.hub.leave(self, self.caller.workspace_id, name)
        self.topics.clear()
        for helper in self._helpers:
            helper.cancel()
        for helper in self._helpers:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await helper

    def _end(self) -> None:
        """Ends the connection without a word: nobody listens."""
        if self._task is not None and not self._cut:
            self._cut = True
            self._task.cancel()

    # -- hearing

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """One message from the viewer."""
        if not self._within_rate():
            await self._finish("You send too many messages. Subscribe to what you show, and wait.", FLOOD)
            return
        try:
            wanted = wish(message.get("text"), self.limits.message_chars)
        except Unclear as unclear:
            self._complain(unclear.message, topic=unclear.topic)
            return
        if isinstance(wanted, Here):
            self._present(wanted)
        elif wanted.stay:
            await self._subscribe(wanted.topic, wanted.after)
        else:
            self._unsubscribe(wanted.topic)

    def _present(self, here: Here) -> None:
        """Tells the others at this flow; only who may watch it may be seen there."""
        assert self.caller is not None
        if here.chosen is None:
            self.hub.presence.leave(self, self.caller.workspace_id, here.topic)
        elif here.topic not in self.topics:
            self._complain("Subscribe to the flow first.", topic=here.topic)
        else:
            person = Person(id=self.page, who=_who(self.caller), name=self.caller.actor, chosen=here.chosen)
            self.hub.presence.say(self, self.caller.workspace_id, here.topic, person)

    def _within_rate(self) -> bool:
        now = time.monotonic()
        gained = (now - self._refilled) * self.limits.per_second
        self._tokens, self._refilled = min(float(self.limits.burst), self._tokens + gained), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def _subscribe(self, name: str, after: int | None) -> None:
        assert self.caller is not None
        if name in self.topics and after is not None:
            # It watches this already: what follows its cursor is on its way, and would come twice.
            return
        if name not in self.topics and len(self.topics) >= self.limits.topics:
            self.refuse(name, f"One connection watches at most {self.limits.topics} topics.")
            return
        self.outbox.leave(name)
        try:
            await self.hub.watch(self, self.caller.workspace_id, name, after)
        except (NotFound, Overloaded) as error:
            self.refuse(name, error.message)
        except Exception:
            log.exception("live.topic_unreadable", topic=name)
            self.refuse(name, "This cannot be shown live just now. Try again in a moment.")
        else:
            self.topics[name] = time.monotonic()

    def _unsubscribe(self, name: str) -> None:
        assert self.caller is not None
        self.hub.leave(self, self.caller.workspace_id, name)
        self._forget(name)

    def _forget(self, name: str) -> None:
        if self.caller is not None:
            self.hub.presence.leave(self, self.caller.workspace_id, name)
        self.topics.pop(name, None)
        self.outbox.leave(name)
        if not self.topics:
            self._idle_since = time.monotonic()

    # -- as the hub sees it

    def tell(self, name: str, text: str, watched: Watched) -> None:
        """A delta of a topic."""
        self.outbox.add(name, text, watched)

    def renew(self, name: str, watched: Watched) -> None:
        """The topic's snapshot as it stands when it can be sent."""
        self.outbox.renew(name, watched)

    def people(self, name: str, others: Sequence[Mapping[str, Any]]) -> None:
        """Who else has the flow open."""
        self.outbox.people(name, {"topic": name, "type": "people", "people": list(others)})

    def refuse(self, name: str, message: str) -> None:
        """The topic is not (or no longer) to be watched."""
        self._forget(name)
        self._complain(message, topic=name)

    def _complain(self, message: str, topic: str | None = None) -> None:
        self.outbox.note({**({} if topic is None else {"topic": topic}), "type": "error", "message": message})

    # -- speaking

    async def _speak(self) -> None:
        """Sends what waits, one message after the other; ends the connection when nobody takes it."""
        try:
            while True:
                text = await self.outbox.next()
                async with asyncio.timeout(self.limits.send_s):
                    await self.send(text_data=text)
        except (TimeoutError, OSError, RuntimeError):
            self._end()
        except Exception:
            log.exception("live.unsendable")
            self._end()

    async def _finish(self, message: str, code: int) -> None:
        """Says why for every topic, and closes."""
        self._helpers[0].cancel()
        try:
            async with asyncio.timeout(self.limits.send_s):
                for name in self.topics or {"": 0.0}:
                    self.outbox.note({**({"topic": name} if name else {}), "type": "error", "message": message})
                while (text := self.outbox.last_words()) is not None:
                    await self.send(text_data=text)
                await self.close(code)
        except (TimeoutError, OSError, RuntimeError):
            pass
        self._end()

    async def _judge(self, shown: Ticket) -> None:
        """Asks again and again whether the caller may still watch, and whether they watch anything at all."""
        while True:
            await asyncio.sleep(self.limits.recheck_s * random.uniform(0.6, 1.0))  # noqa: S311 spreads the load
            if not self.topics and time.monotonic() - self._idle_since > self.limits.idle_s:
                await self._finish("Nothing was watched for a while.", IDLE)
                return
            try:
                caller = await self.hub.threads.ask(shown.caller)
            except (Overloaded, DatabaseError, RuntimeError):
                # Not known is not "no"; the next look will tell.
                continue
            if caller is None or self.caller is None or caller.workspace_id != self.caller.workspace_id:
                await self._finish(_NO_LONGER, SIGNED_OUT)
                return


def _who(caller: Caller) -> str:
    return f"user {caller.user_id}" if caller.user_id is not None else f"key {caller.key_id}"
