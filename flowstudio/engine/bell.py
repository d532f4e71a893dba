"""Bells: a ring says "look into the database now"; it carries nothing and may be lost (SEMANTICS 3.9).

Without Redis a bell is a one-byte datagram to every listener's socket in `run/` of the data folder; with `REDIS_URL` it
is a message on a Redis channel. Channels are "engine" (there may be work) and "viewers" (the feed has grown).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
import tempfile
import threading
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from flowstudio.store.ids import new_id

_PATH_LIMIT = 100
_redis_lock = threading.Lock()
_redis_clients: dict[str, Any] = {}
# Channels whose ring waits for a thread: further rings are the same ring.
_waiting: set[str] = set()


def _folder() -> Path:
    """Where this installation's sockets live: the data folder, or a short stand-in when its path is too long."""
    folder = Path(settings.DATA_DIR) / "run"
    if len(str(folder)) + 45 > _PATH_LIMIT:
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"flowstudio-{os.getuid()}-{digest}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def ring(channel: str) -> None:
    """Wakes every listener of `channel`; never blocks, never raises for a listener that is gone."""
    if settings.REDIS_URL:
        _ring_redis(channel)
    else:
        _ring_sockets(channel)


def _ring_sockets(channel: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        with os.scandir(_folder()) as entries:
            paths = [entry.path for entry in entries if entry.name.startswith(f"{channel}.")]
        for path in paths:
            try:
                sender.sendto(b"!", path)
            except ConnectionRefusedError:
                # Its process died without tidying up.
                Path(path).unlink(missing_ok=True)
            except OSError:
                # Full (it has rings enough) or just gone.
                continue


def _ring_redis(channel: str) -> None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        _publish(channel)
        return
    # A Redis that does not answer must not hold up the loop that takes in events (F7).
    if channel not in _waiting:
        _waiting.add(channel)
        try:
            loop.run_in_executor(None, _publish, channel)
        except RuntimeError:
            # The loop is closing; a ring may be lost.
            _waiting.discard(channel)


def _publish(channel: str) -> None:
    import redis

    _waiting.discard(channel)
    url = settings.REDIS_URL
    with _redis_lock:
        client = _redis_clients.get(url)
        if client is None:
            client = _redis_clients[url] = redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
    with contextlib.suppress(redis.RedisError):
        client.publish(f"flowstudio:{channel}", b"!")


class Bell:
    """One listener of a channel, in one event loop. `async with Bell("engine") as bell: await bell.wait(1.0)`."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._rung = asyncio.Event()
        self._socket: socket.socket | None = None
        self._path: Path | None = None
        self._listener: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Wakes every listener of this bell's channel, in all processes."""
        ring(self.channel)

    def ring_here(self) -> None:
        """Wakes this listener alone; from its own loop."""
        self._rung.set()

    async def open(self) -> None:
        """Starts to listen; `wait` does it by itself at its first call."""
        if self._socket is not None or self._listener is not None:
            return
        if settings.REDIS_URL:
            self._listener = asyncio.create_task(self._listen_redis())
            return
        self._path = _folder() / f"{self.channel}.{new_id()}"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.setblocking(False)
        listener.bind(str(self._path))
        self._socket = listener
        asyncio.get_running_loop().add_reader(listener.fileno(), self._drain)

    def _drain(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(BlockingIOError):
                while True:
                    self._socket.recv(16)
        self._rung.set()

    async def _listen_redis(self) -> None:
        import redis.asyncio

        while True:
            client = redis.asyncio.Redis.from_url(settings.REDIS_URL)
            try:
                async with client.pubsub() as subscription:
                    await subscription.subscribe(f"flowstudio:{self.channel}")
                    # Whatever was rung while the line was down is made good by one look.
                    self._rung.set()
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._rung.set()
            except (redis.RedisError, OSError):
                await asyncio.sleep(0.5)
            finally:
                with contextlib.suppress(redis.RedisError, OSError):
                    await client.aclose()

    async def wait(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - the promise is "or after so long"
        """True once rung since the last wait, False after `timeout` seconds. Never loses a ring between two waits."""
        await self.open()
        try:
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    async def close(self) -> None:
        """Stops listening and takes its socket away."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
            self._listener = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
