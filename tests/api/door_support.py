"""A door under test: in the same loop through httpx, or behind a real uvicorn on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time

import httpx
import uvicorn
from asgiref.sync import sync_to_async

from flowstudio.api.events import EventsDoor
from flowstudio.store.models import ApiKey, Event, Workspace
from flowstudio.store.secrets import digest

KEY = "WK123"


def make_workspace(slug="door", *keys):
    found = Workspace.objects.create(slug=slug, name=slug)
    for key in keys or (KEY,):
        ApiKey.objects.create(workspace=found, name=key, role="ingest", token_hash=digest(key), last4=key[-4:])
    return found


def client(door):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://door")


@contextlib.asynccontextmanager
async def opened(**options):
    door = EventsDoor(**options)
    await door.start()
    try:
        yield door
    finally:
        await door.stop()


async def stored():
    return await sync_to_async(list)(Event.objects.order_by("id"))


class Lifespan:
    """The composition root in small: starts and stops the door with the server."""

    def __init__(self, door):
        self.door = door

    async def __call__(self, scope, receive, send):
        if scope["type"] != "lifespan":
            await self.door(scope, receive, send)
            return
        await receive()
        await self.door.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.door.stop()
        await send({"type": "lifespan.shutdown.complete"})


@contextlib.contextmanager
def served(app):
    """The app behind uvicorn in a thread; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="on", proxy_headers=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
