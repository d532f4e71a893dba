"""A viewer in Python: CONTRACT's words on snapshots and deltas, and nothing that knows the server."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import Any

from asgiref.testing import ApplicationCommunicator

from flowstudio.live.asgi import PATH, websocket
from flowstudio.live.hub import Hub

HOST = "127.0.0.1:8000"
ORIGIN = f"http://{HOST}"


def reduced(state: Any, changes: list[dict[str, Any]]) -> Any:
    """The state after the changes, as they stand: `set`, `add` (to a number, or to a list), `remove`."""
    state = copy.deepcopy(state)
    for change in changes:
        *way, last = change["path"]
        here = state
        for key in way:
            here = here.setdefault(key, {}) if isinstance(here, dict) else here[key]
        if change["op"] == "set":
            here[last] = change["value"]
        elif change["op"] == "remove":
            here.pop(last, None)
        elif isinstance(here.get(last), list):
            here[last].append(change["value"])
        else:
            assert change["op"] == "add"
            here[last] = here.get(last, 0) + change["value"]
    return state


class Watching:
    """One connection; `messages` keeps everything that came, `states` and `cursors` are what follows from it."""

    def __init__(self, hub: Hub, headers: dict[str, str], path: str = PATH) -> None:
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        path, _, query = path.partition("?")
        self.scope = {
            "type": "websocket", "path": path, "query_string": query.encode(), "subprotocols": [], "scheme": "ws",
            "headers": [*([] if "Host" in headers else [(b"host", HOST.encode())]), *raw],
        }  # fmt: skip
        self.line = ApplicationCommunicator(websocket(hub), self.scope)
        self.messages: list[dict[str, Any]] = []
        self.states: dict[str, Any] = {}
        self.cursors: dict[str, int] = {}
        self.code: int | None = None

    async def __aenter__(self) -> Watching:
        assert await self._connects()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.code is None:
            await self.line.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.line.wait(timeout=5)

    async def _connects(self) -> bool:
        await self.line.send_input({"type": "websocket.connect"})
        answer = await self.line.receive_output(5)
        return answer["type"] == "websocket.accept"

    async def refused(self) -> bool:
        """Whether the handshake is refused."""
        accepted = await self._connects()
        # As a server does it after either end of the handshake.
        await self.line.send_input({"type": "websocket.disconnect", "code": 1006})
        await self.line.wait(timeout=5)
        return not accepted

    async def say(self, message: Any) -> None:
        if isinstance(message, bytes):
            await self.line.send_input({"type": "websocket.receive", "bytes": message})
        else:
            text = message if isinstance(message, str) else json.dumps(message)
            await self.line.send_input({"type": "websocket.receive", "text": text})

    async def subscribe(self, topic: str, after: int | None = None) -> None:
        await self.say({"subscribe": topic} if after is None else {"subscribe": topic, "after": after})

    async def hear(self, timeout: float = 5.0) -> dict[str, Any]:
        """The next message; {} once the connection is closed."""
        output = await self.line.receive_output(timeout)
        if output["type"] == "websocket.close":
            self.code = output.get("code", 1000)
            return {}
        message = json.loads(output["text"])
        self._take(message)
        return message

    async def silent(self, seconds: float = 0.3) -> bool:
        return await self.line.receive_nothing(timeout=seconds)

    async def settle(self, seconds: float = 0.4) -> None:
        """Hears whatever comes until nothing comes for a while."""
        while not await self.silent(seconds):
            await self.hear()

    async def until(self, done: Any, seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while not done(self):
                assert await self.hear(timeout=seconds), f"closed: {self.code}"

    def _take(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        topic = message.get("topic", "")
        if message["type"] == "snapshot":
            self.states[topic], self.cursors[topic] = message["state"], message["cursor"]
        elif message["type"] == "delta":
            assert message["cursor"] > self.cursors[topic], "cursors rise"
            self.states[topic] = reduced(self.states[topic], message["changes"])
            self.cursors[topic] = message["cursor"]

    def last(self, topic: str) -> dict[str, Any]:
        """The last message of a topic; {"type": ""} when this connection has heard none."""
        return next((m for m in reversed(self.messages) if m.get("topic") == topic), {"type": ""})

    def of(self, topic: str, kind: str = "delta") -> list[dict[str, Any]]:
        return [m for m in self.messages if m.get("topic") == topic and m["type"] == kind]
